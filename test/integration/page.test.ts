// The page of the operator in a real browser: what it draws is what the statuses say, with nothing
// from elsewhere, on a phone, in the dark, and without a mouse. SCREENSHOTS=1 writes the pictures
// of the README anew.
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FleetHistory, noteEveryMs } from "../../src/page/fleet-history.ts";
import { pageRoutes } from "../../src/page/page-routes.ts";
import { partsOf } from "../../src/page/server-bar.ts";
import { fleetViewOf } from "../../src/render/fleet-view.ts";
import type { PolicyReport } from "../../src/render/pool-report.ts";
import { type HttpServer, startHttpServer } from "../../src/runtime/http-server.ts";
import { startBrowser, whyNoBrowser } from "../support/browser.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { shownFleet } from "../support/shown-fleet.ts";

const images = join(import.meta.dirname, "..", "..", "docs", "images");

let reports: readonly PolicyReport[];
let server: HttpServer;
let browser: Browser;
let page: Page;
/** What the page asked for, and what its browser complained of. */
const asked: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  if (whyNoBrowser !== undefined) return;
  const nowMs = Date.UTC(2026, 0, 1, 12);
  const history = hourOf(nowMs);
  const routes = pageRoutes({ reports: () => reports, history, nowMs: () => nowMs });
  server = await startHttpServer({ address: "127.0.0.1:0", routes, log: new MemoryLog() });
  browser = await startBrowser();
});

/** An autoscaler was busy in it. */
function hourOf(nowMs: number): FleetHistory {
  const history = new FleetHistory();
  for (let minute = 60; minute >= 0; minute -= 1) {
    const fleet = fleetViewOf(shownFleet(5 + Math.round(3 * Math.sin(minute / 9))));
    history.note(fleet, nowMs - minute * noteEveryMs);
  }
  return history;
}

beforeEach(async (context) => {
  context.skip(whyNoBrowser !== undefined, whyNoBrowser);
  reports = shownFleet();
  page = await openPage();
  return () => page.close();
});

afterAll(async () => {
  if (whyNoBrowser !== undefined) return;
  await browser.close();
  await server.close();
});

async function openPage(): Promise<Page> {
  const opened = await browser.newPage();
  asked.length = 0;
  complaints.length = 0;
  opened.on("request", (request) => asked.push(request.url()));
  opened.on("console", (message) => complaints.push(message.text()));
  opened.on("pageerror", (error) => complaints.push(String(error)));
  await opened.setViewport({ width: 1_280, height: 900 });
  await opened.goto(`http://${server.address}/`);
  return opened;
}

describe("the page in a browser", () => {
  test("asks for nothing from elsewhere, and breaks none of its own rules", () => {
    const origin = `http://${server.address}/`;

    expect(asked.every((url) => url.startsWith(origin))).toBe(true);
    // Browsers ask for an icon that nobody promised.
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });

  test("draws each part of a server as wide as its slots", async () => {
    const fleet = fleetViewOf(reports);
    const [first] = fleet.servers;
    const slots = first?.slots ?? expect.fail("no slots");
    const parts = partsOf(slots, fleet.pools);
    const drawn = await drawnWidths(page);

    expect(drawn).toHaveLength(parts.length);
    parts.forEach((part, at) => {
      const share = part.slots / slots.maxConnections;
      expect(Math.abs((drawn[at] ?? 0) - share), part.label).toBeLessThan(0.005);
    });
  });

  test("shows every row of the statuses with its numbers", async () => {
    const rows = reports.flatMap(({ status }) => status.workloads ?? []);
    const numbers = rows
      .toSorted((a, b) => b.slots - a.slots)
      .flatMap((row) => [
        ...[row.pods, row.plannedPods, row.poolSize],
        ...[row.wantedPoolSize, row.heldSlots, row.slots],
      ]);

    expect(await textsOf("td.number")).toEqual(numbers.map(String));
  });

  test("follows what changes, and leaves open what somebody opened", async () => {
    await page.click("details summary");
    reports = shownFleet(11);
    await page.waitForFunction(
      `[...document.querySelectorAll("td.number")].some((cell) => cell.textContent.trim() === "11")`,
      { timeout: 20_000 },
    );

    expect(await textsOf("details[open]")).toHaveLength(1);
  });

  test("filters pools by what somebody types", async () => {
    await page.type("#filter", "reports");

    expect(await textsOf("tbody tr:not([hidden]) th")).toEqual([
      expect.stringContaining("Deployment/reports"),
    ]);
  });

  test("explains the numbers of a pool by keys alone", async () => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const [explained] = await textsOf("details[open] ul");

    expect(explained).toContain("slots are kept for what runs and what may still start");
  });

  test("fits a phone, with nothing beyond its edge", async () => {
    await page.setViewport({ width: 360, height: 740, isMobile: true });
    const [content = 0, screen = 0] = (await page.evaluate(
      "[document.documentElement.scrollWidth, innerWidth]",
    )) as number[];

    expect(content).toBeLessThanOrEqual(screen);
    await picture("page-phone");
  });

  test("has a dark ground where the person prefers one", async () => {
    const groundOf = (): Promise<unknown> =>
      page.evaluate("getComputedStyle(document.body).backgroundColor");
    await picture("page-light");
    const light = await groundOf();
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await picture("page-dark");

    expect([light, await groundOf()]).toEqual(["rgb(255, 255, 255)", "rgb(13, 17, 23)"]);
  });

  test("says so when the operator does not answer any more", async () => {
    await page.setOfflineMode(true);
    await page.waitForSelector("#stale:not([hidden])", { timeout: 20_000 });

    expect(await textsOf("#stale")).toEqual([expect.stringContaining("not answered")]);
  });

  test("can be read without scripts", async () => {
    await page.setJavaScriptEnabled(false);
    await page.reload();

    expect(await page.content()).toContain("Deployment/web");
  });
});

async function textsOf(selector: string): Promise<readonly string[]> {
  const all = `document.querySelectorAll(${JSON.stringify(selector)})`;
  const texts = await page.evaluate(`[...${all}].map(({ textContent }) => textContent.trim())`);
  return texts as string[];
}

async function picture(name: string): Promise<void> {
  if (process.env["SCREENSHOTS"] === undefined) return;
  await page.screenshot({ path: join(images, `${name}.png`) });
}

/** Of the bar's parts as they are in a screenshot of it, as shares of its width. */
async function drawnWidths(shown: Page): Promise<readonly number[]> {
  const bar = (await shown.$(".bar")) ?? expect.fail("no bar");
  const shot = await bar.screenshot({ encoding: "base64" });
  const blank = await browser.newPage();
  const widths = await blank.evaluate(`(${widthsInPicture})("data:image/png;base64,${shot}")`);
  await blank.close();
  return widths as readonly number[];
}

/** Runs in the browser, which knows how to read a picture: how wide each colour of a row is. */
const widthsInPicture = `async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const context = new OffscreenCanvas(image.width, 1).getContext("2d");
  context.drawImage(image, 0, -Math.floor(image.height / 2));
  const { data } = context.getImageData(0, 0, image.width, 1);
  const runs = [];
  for (let at = 0; at < image.width; at += 1) {
    const colour = data.slice(at * 4, at * 4 + 3).join();
    if (runs.at(-1)?.colour === colour) runs.at(-1).pixels += 1;
    else runs.push({ colour, pixels: 1 });
  }
  // Where two parts meet, a pixel is of both.
  return runs.filter(({ pixels }) => pixels > 2).map(({ pixels }) => pixels / image.width);
}`;
