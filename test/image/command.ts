// Other people's programs as the targets around images use them: what they print is collected to
// be read, or shown while it comes, and that they fail is a value where that tells something.
import { spawn } from "node:child_process";

export type CommandOptions = {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** Shown as it comes as well: for what takes minutes. */
  readonly isShown?: boolean;
};

export type CommandResult = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a program; a program that is not there ends with 127, as in a shell. */
export function runCommand(
  [program = "", ...args]: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { environment = {}, stdin = "", isShown = false } = options;
  const child = spawn(program, args, { env: { ...process.env, ...environment } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (isShown) process.stdout.write(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    if (isShown) process.stderr.write(text);
  });
  // A program that fails early leaves its input unread.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve({ code: 127, stdout, stderr: error.message });
    });
    child.once("close", (code) => {
      resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** The same for what must succeed: yields what it printed, throws what it complained of. */
export async function mustRun(
  words: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(words, options);
  if (code === 0) return stdout;
  const said = options.isShown === true ? "" : `\n${stderr || stdout}`;
  throw new CommandFailed(`${words.join(" ")} failed with exit code ${code}${said}`);
}

/** A program of others failed, and has said why. */
class CommandFailed extends Error {}

/** Ends a program with 1, and one line where no fault of its own can be the cause. */
export function tellFailure(program: string): (error: unknown) => void {
  return (error) => {
    const stack = error instanceof Error ? error.stack : String(error);
    console.error(`${program}: ${error instanceof CommandFailed ? error.message : (stack ?? "")}`);
    process.exitCode = 1;
  };
}

/**
 * Whoever called for it must not take for passed what was not run; MAY_SKIP=1 is for those who call
 * whatever there is.
 */
export function notRun(program: string, why: string): void {
  const maySkip = Boolean(process.env["MAY_SKIP"]);
  console.error(`${program}: ${maySkip ? "skipped" : "not run"}: ${why}`);
  if (!maySkip) process.exitCode = 1;
}
