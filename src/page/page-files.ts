// The style and the script of the page, as files of their own: so the Content-Security-Policy can
// forbid everything that stands inline. The script only brings the page up to date and filters its
// rows; without it everything can be read.

export const style = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1c2128, #e6edf3); --dim: light-dark(#57606a, #9198a1);
  --ground: light-dark(#ffffff, #0d1117); --line: light-dark(#d0d7de, #30363d);
  --trouble: light-dark(#b42318, #ff7b72); --good: light-dark(#1a7f37, #56d364);
  --free: light-dark(#e6ebf0, #21262d); --kept: light-dark(#8c959f, #6e7681);
  --foreign: light-dark(#bc4c00, #f0883e); --rollouts: light-dark(#9a6700, #d29922);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 0 1rem 2rem; color: var(--text);
  background: var(--ground); font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
h1 { font-size: 1.3rem; margin: 0.8rem 0; }
h2 { font-size: 1.05rem; margin: 0 0 0.5rem; overflow-wrap: anywhere; }
section { border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1rem 0; }
input { font: inherit; padding: 0.3rem 0.6rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--ground); color: var(--text); min-width: 14rem; }
.sums, .sum, .hour, .behind, .none, small { color: var(--dim); }
.ready, .trouble { font-weight: 600; font-size: 0.85rem; margin-left: 0.5rem; }
.ready { color: var(--good); }
.trouble, .over, #stale { color: var(--trouble); }
.bar { display: block; width: 100%; height: 2rem; border-radius: 4px; }
.bar line { stroke: var(--trouble); stroke-width: 3; vector-effect: non-scaling-stroke; }
.pool-0 { fill: #0969da; background: #0969da; } .pool-1 { fill: #1a7f7f; background: #1a7f7f; }
.pool-2 { fill: #8250df; background: #8250df; } .pool-3 { fill: #bf3989; background: #bf3989; }
.pool-4 { fill: #2da44e; background: #2da44e; } .pool-5 { fill: #54aeff; background: #54aeff; }
.small { fill: #6639ba; background: #6639ba; }
.rollouts { fill: var(--rollouts); background: var(--rollouts); }
.free { fill: var(--free); background: var(--free); }
.foreign { fill: var(--foreign); background: var(--foreign); }
.kept { fill: var(--kept); background: var(--kept); }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; list-style: none; padding: 0;
  margin: 0.5rem 0 0; }
.sign { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 2px;
  border: 1px solid var(--line); margin-right: 0.3rem; }
.sum, .hour, .behind, .advice { margin: 0.3rem 0; }
.graph { width: 7.5rem; height: 1.5rem; vertical-align: middle; }
.graph polyline { fill: none; stroke: var(--text); stroke-width: 1.5; }
table { width: 100%; border-collapse: collapse; margin-top: 0.8rem; }
th, td { text-align: left; padding: 0.3rem 0.5rem; border-top: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; }
thead th { overflow-wrap: normal; }
tbody th { min-width: 13rem; }
small { display: block; font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; }
.acts { margin: 0; padding-left: 1.2rem; }
details ul { margin: 0.3rem 0 0; padding-left: 1.2rem; color: var(--dim); }
code { overflow-wrap: anywhere; }
@media (max-width: 50rem) {
  thead { display: none; }
  tr { display: grid; grid-template-columns: 1fr 1fr 1fr; border-top: 1px solid var(--line);
    padding: 0.5rem 0; }
  th, td, .number { border: 0; text-align: left; padding: 0.15rem 0.3rem; }
  tbody th, .why { grid-column: 1 / -1; }
  td::before { content: attr(data-label) " "; color: var(--dim); }
}
`;

export const script = `"use strict";
const refreshMs = 5000;
const filter = document.querySelector("#filter");
const stale = document.querySelector("#stale");

function applyFilter() {
  const text = filter.value.toLowerCase();
  for (const row of document.querySelectorAll("tbody tr")) {
    row.hidden = !row.textContent.toLowerCase().includes(text);
  }
}

/** What is open, and what has the focus, stays so. */
function keepState(next) {
  for (const open of document.querySelectorAll("main details[open]")) {
    const same = next.querySelector("#" + CSS.escape(open.id));
    if (same) same.open = true;
  }
  const focused = document.activeElement.closest("main details");
  document.querySelector("main").replaceWith(next);
  if (focused) document.getElementById(focused.id)?.querySelector("summary").focus();
}

async function refresh() {
  const answer = await fetch(location.pathname, { cache: "no-store" });
  if (!answer.ok) throw new Error("status " + answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  keepState(document.adoptNode(page.querySelector("main")));
  applyFilter();
  stale.hidden = true;
}

async function keepFresh() {
  try {
    if (!document.hidden) await refresh();
  } catch {
    if (stale.hidden) {
      stale.textContent = "The operator has not answered since " + new Date().toLocaleTimeString();
    }
    stale.hidden = false;
  }
  setTimeout(keepFresh, refreshMs);
}

filter.hidden = false;
filter.addEventListener("input", applyFilter);
setTimeout(keepFresh, refreshMs);
`;
