// The size that a real process ends up with, started as the kubelet would start its container.
import { join } from "node:path";
import type { Workspace } from "../support/processes.ts";
import type { Container, Size } from "./size-cases.ts";

/** What the image says. */
export interface Image {
  readonly folder: string;
  readonly run: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const longestMs = 60_000;

export interface Real {
  readonly size: Size;
  readonly output: string;
}

export async function realSize(
  workspace: Workspace,
  { folder, run, env: imageEnv }: Image,
  container: Container,
): Promise<Real> {
  const declared = declaredIn(container);
  const words = [...(container.command ?? run), ...(container.args ?? [])];
  const [command = "", ...args] = words.map((word) => expanded(word, declared));
  const env = { ...imageEnv, ...declared };
  const path = command.includes("/") ? join(folder, command) : command;
  const child = await workspace.spawn(path, args, { cwd: folder, env });
  const timer = setTimeout(() => void child.stop("SIGKILL"), longestMs);
  await child.exited;
  clearTimeout(timer);
  return { size: printedIn(child.output()), output: child.output() };
}

function printedIn(output: string): Size {
  const [, text] = /pool size (.+)/.exec(output) ?? [];
  if (text === undefined) return "nothing";
  const number = Number(text);
  return number > 0 ? number : "no limit";
}

/** Each entry sees those before it, and a later one of the same name wins. */
function declaredIn({ env = [] }: Container): Readonly<Record<string, string>> {
  const declared: Record<string, string> = {};
  for (const { name, value } of env) declared[name] = expanded(value, declared);
  return declared;
}

/** $(NAME) of an entry that is not there stays as it is. */
function expanded(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\(([\w.-]+)\)/g, (whole, name: string) => env[name] ?? whole);
}
