import type { Pool } from "pg";

export function follow(pool: Pool, file?: string): void;
