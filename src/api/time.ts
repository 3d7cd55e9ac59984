// A moment in a status, as Kubernetes writes it.

import { z } from "zod";

export const time = z.string().max(40).meta({ format: "date-time" });
