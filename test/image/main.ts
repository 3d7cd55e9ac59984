// `make image-check`: the Dockerfile built where there is no container engine to speak of, and what
// came out run as a node would run it: by buildah, on a base made here where none can be had, with
// the ServiceAccount's own rights on a real control plane. Prints size, start-up time and memory
// against their bars, and says why where it cannot run.
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { givenNumber } from "../support/given-setting.ts";
import { openWorkspace } from "../support/processes.ts";
import type { Workspace } from "../support/processes.ts";
import { BYTES_MAX, buildImage } from "./build.ts";
import { mustRun, notRun, runCommand, tellFailure } from "./command.ts";
import { compressedBytes, megabytes } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { openImageFleet } from "./fleet.ts";
import { findFaults } from "./inspect.ts";
import { makeLocalBase } from "./local-base.ts";
import { measureLateServer, measureStarts, median, residentBytes } from "./measure.ts";
import { stopOperator } from "./measure.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { unpackImage } from "./unpacked.ts";
import type { UnpackedImage } from "./unpacked.ts";

const READY_MS_MAX = 2_000;
const RESIDENT_BYTES_MAX = 120_000_000;
const SETTLES_MS = 20_000;
const DOWN_MS = 5_000;
/** What is run, and the Debian package that has it. */
const PROGRAMS = {
  buildah: "buildah",
  debootstrap: "debootstrap",
  unshare: "util-linux",
  setpriv: "util-linux",
};

type Row = { readonly what: string; readonly measured: string; readonly bar: string };

/** Why it cannot be done here; undefined where it can. */
async function findObstacle(): Promise<string | undefined> {
  if (process.platform !== "linux") return "it needs Linux";
  if (process.getuid?.() !== 0) return "it needs root, to mount and to change the user";
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    const { code } = await runCommand([program, "--version"]);
    if (code === 127)
      return `${program} is not installed (Debian: apt-get install ${debianPackage})`;
  }
  return undefined;
}

/** Everything of it lies in the workspace and goes with it. */
function buildahIn({ directory }: Workspace): Engine {
  const storage = ["--root", join(directory, "storage"), "--runroot", join(directory, "run")];
  // What follows a command of buildah goes to it; these stand before.
  process.env["BUILDAH_ISOLATION"] = "chroot";
  return { name: "buildah", words: ["buildah", ...storage, "--storage-driver", "vfs"] };
}

async function check(workspace: Workspace, deployments: number): Promise<boolean> {
  const engine = buildahIn(workspace);
  const image = `localhost/poolwarden:${packageJson.version}`;
  const nodeImage = process.env["NODE_IMAGE"] ?? (await makeLocalBase(engine, workspace.directory));
  await buildImage(engine, { image, nodeImage, npmrcPath: process.env["NPMRC"] });
  const bytes = await compressedBytes(engine, image);
  const unpacked = await unpackImage(engine, image, join(workspace.directory, "image"));
  const faults = findFaults(unpacked);
  for (const fault of faults) console.error(`image-check: ${fault}`);
  await checkHelp(workspace, unpacked);
  await using stage = await openStage(unpacked);
  const rows = [
    limited("compressed", bytes, BYTES_MAX, megabytes),
    ...(await measureAll(stage, deployments)),
  ];
  console.table(rows);
  return faults.length === 0 && rows.every(({ bar }) => !bar.includes("missed"));
}

async function measureAll(stage: Stage, deployments: number): Promise<readonly Row[]> {
  const starts = await measureStarts(stage, 5);
  const lateMs = await measureLateServer(stage, DOWN_MS);
  const idleBytes = await measureIdle(stage);
  const fleet = await openImageFleet(stage, deployments);
  const fleetBytes = await measureIdle(stage);
  await fleet[Symbol.asyncDispose]();
  return [
    timed("start to ready, median of 5", median(starts.readyMs)),
    limited("processor time of it", median(starts.cpuMs), READY_MS_MAX, milliseconds),
    timed("API server back to ready", lateMs),
    limited("resident, nothing to do", idleBytes, RESIDENT_BYTES_MAX, megabytes),
    limited(`resident, ${deployments} Deployments`, fleetBytes, RESIDENT_BYTES_MAX, megabytes),
  ];
}

/** Of an operator that was left alone for a while and still lives. */
async function measureIdle(stage: Stage): Promise<number> {
  const operator = await stage.launch();
  await operator.untilReady();
  await delay(SETTLES_MS);
  const bytes = await residentBytes(operator.process.pid);
  const status = await operator.statusOf("/livez");
  if (status !== 200) throw new Error(`/livez says ${status}:\n${operator.output()}`);
  await stopOperator(operator);
  return bytes;
}

async function checkHelp({ directory }: Workspace, image: UnpackedImage): Promise<void> {
  const root = join(directory, "image");
  const inside = ["chroot", "--userspec=65532:65532", root, ...image.settings.entrypoint];
  const environment = { NODE_EXTRA_CA_CERTS: undefined };
  const help = await mustRun([...inside, "--help"], { environment });
  if (!help.includes("Usage: poolwarden run")) throw new Error(`--help says ${help}`);
  const names = `require("dns").lookup("localhost", (e, a) => console.log(e ?? a))`;
  const node = image.settings.entrypoint[0] ?? "";
  const found = await mustRun(["chroot", root, node, "-e", names], { environment });
  if (!/^(127|::1)/.test(found)) throw new Error(`it cannot resolve names: ${found}`);
}

function limited(what: string, value: number, max: number, show: (value: number) => string): Row {
  const bar = `< ${show(max)}: ${value < max ? "met" : "missed"}`;
  return { what, measured: show(value), bar };
}

/** A busy machine is no fault of the image's: with processes waiting, times are shown only. */
function timed(what: string, valueMs: number): Row {
  const bar = `< ${milliseconds(READY_MS_MAX)}, load was ${(loadavg()[0] ?? NaN).toFixed(1)}`;
  return { what, measured: milliseconds(valueMs), bar };
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}

async function main(): Promise<void> {
  const deployments = givenNumber("DEPLOYMENTS", { usual: 20, least: 1 });
  const obstacle = await findObstacle();
  if (obstacle !== undefined) {
    notRun("image-check", obstacle);
    return;
  }
  const workspace = await openWorkspace("poolwarden-image-check-");
  try {
    process.exitCode = (await check(workspace, deployments)) ? 0 : 1;
  } finally {
    await workspace.close();
  }
}

await main().catch(tellFailure("image-check"));
