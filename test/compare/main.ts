// `make compare`: every trace through every way, on all cores, in virtual time. Prints tables and
// bars and writes two plots to out/compare; with SAVE=1 the numbers and plots go to the docs and
// the README as measured. The same SEED gives the same numbers; ONLY=text picks traces by name.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { pickByName } from "../support/pick-by-name.ts";
import { givenNumber } from "../support/given-setting.ts";
import { meansOf, missesOf, safetyBars } from "./bars.ts";
import { measureKnownLoad, missesOfKnownLoad, reportKnownLoad } from "./known-load-report.ts";
import { type Job, play, type Result } from "./play.ts";
import { renderPlot, subjects } from "./plot.ts";
import { reportBars, reportSummary, reportTraces } from "./report.ts";
import { traces } from "./traces.ts";
import { wayNames } from "./ways.ts";

const repository = join(import.meta.dirname, "..", "..");
const plotNames = { asked: "compare-slots.svg", usable: "compare-usable.svg" } as const;

/** Each worker takes the next job when it is done with one. */
async function playAll(seed: number): Promise<readonly Result[]> {
  const names = Object.keys(traces).map((name) => ({ name }));
  const jobs = pickByName(names, process.env["ONLY"]).flatMap(({ name }) =>
    wayNames.map((way): Job => ({ name, way, seed })),
  );
  const results = new Map<Job, Result>();
  let next = 0;
  const playOn = async (worker: Worker): Promise<void> => {
    for (let job = jobs[next++]; job; job = jobs[next++]) {
      const result = await ask(worker, job);
      results.set(job, result);
      console.error(`  ${results.size} of ${jobs.length}: ${job.name} (${job.way})`);
    }
    await worker.terminate();
  };
  const workers = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, () =>
    playOn(new Worker(new URL(import.meta.url))),
  );
  await Promise.all(workers);
  return jobs.flatMap((job) => results.get(job) ?? []);
}

function ask(worker: Worker, job: Job): Promise<Result> {
  return new Promise((resolve, reject) => {
    worker.once("message", (result: Result) => {
      worker.off("error", reject);
      resolve(result);
    });
    worker.once("error", reject);
    worker.postMessage(job);
  });
}

function serve(): void {
  parentPort?.on("message", (job: Job) => {
    void play(job).then((result) => parentPort?.postMessage(result));
  });
}

async function savePlots(folder: string, results: readonly Result[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, file] of Object.entries(plotNames)) {
    const plot = renderPlot(results, subjects[name as keyof typeof plotNames]);
    await writeFile(join(folder, file), plot);
  }
}

/** Between the marks of this name in a document. */
async function insert(document: string, name: string, content: string): Promise<void> {
  const path = join(repository, document);
  const before = await readFile(path, "utf8");
  const [begin, end] = [`<!-- ${name}: measured, by make compare -->`, `<!-- ${name}: end -->`];
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no marks of ${name}`);
  const after = `${before.slice(0, from + begin.length)}\n\n${content}\n\n${before.slice(to)}`;
  await writeFile(path, after);
}

async function saveDocs(results: readonly Result[]): Promise<void> {
  const bars = reportBars(results).map((line) => `- ${line}`);
  await savePlots(join(repository, "docs", "images"), results);
  await insert("docs/compare.md", "summary", reportSummary(results));
  await insert("docs/compare.md", "bars", bars.join("\n"));
  await insert("docs/compare.md", "traces", reportTraces(results));
  await insert("README.md", "compare", reportSummary(results));
}

/** How many bars are missed. */
async function tellKnownLoad(): Promise<number> {
  const known = await measureKnownLoad();
  const report = reportKnownLoad(known);
  if (process.env["SAVE"]) await insert("docs/compare.md", "known load", report);
  console.log(`### A load that is known\n\n${report}\n`);
  return missesOfKnownLoad(known).length;
}

async function main(): Promise<number> {
  const seed = givenNumber("SEED", { usual: 1, least: 0 });
  if (process.env["SAVE"] && process.env["ONLY"]) {
    console.error("SAVE=1 writes the numbers of all traces: leave ONLY out");
    return 2;
  }
  const beganMs = performance.now();
  const results = await playAll(seed);
  await savePlots(join(repository, "out", "compare"), results);
  if (process.env["SAVE"]) await saveDocs(results);
  const isWhole = process.env["ONLY"] === undefined || process.env["ONLY"] === "";
  const missedMeans = meansOf(results).filter(({ isKept }) => !isKept).length;
  const missedByAll = isWhole ? missedMeans + (await tellKnownLoad()) : 0;
  console.log(`${reportTraces(results)}\n\n### All traces\n\n${reportSummary(results)}\n`);
  for (const line of reportBars(results)) console.log(line);
  const misses = missesOf(results);
  const missed = misses.length + missedMeans;
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(0);
  console.log(`compare: ${results.length} runs, seed ${seed}, ${missed} bars missed`);
  console.error(`${seconds} s; plots in out/compare`);
  return missedByAll > 0 || misses.some(({ bar }) => safetyBars.includes(bar)) ? 1 : 0;
}

if (isMainThread) process.exitCode = await main();
else serve();
