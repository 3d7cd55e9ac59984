// A real Chromium without a screen, as Debian packages it, for what only a browser can show.
import { existsSync } from "node:fs";
import { type Browser, launch } from "puppeteer-core";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/** Undefined where there is a browser. */
export const whyNoBrowser =
  chromium === undefined ? "Chromium is not installed (Debian: chromium)" : undefined;

export function startBrowser(): Promise<Browser> {
  if (chromium === undefined) throw new Error(whyNoBrowser);
  // Tests may run as root, and then Chromium has no sandbox; it shows nothing but our own page.
  return launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
}
