// What is drawn: the time line of a model, and the small charts beside it. Each is one SVG with its content as a sentence.
import { bound, clock, count, now, s, span, words } from "./dom.js";

const GLYPHS = { succeeded: "✓", succeeded_with_warnings: "!", unconfirmed: "?", failed: "✕", dry_run: "○" };

function title(text) { return s("title", {}, text); }

function outcomeOf(job, attempt, isLast) {
  if (attempt.ended_at === null) return "running";
  if (isLast && job.outcome && job.outcome in GLYPHS) return job.outcome;
  return attempt.result in GLYPHS ? attempt.result : "failed";
}

// The loads of a model in the shown time, newest first.
export function loadsOf(activity) {
  const loads = [];
  for (const job of activity?.jobs?.values() ?? []) {
    job.attempts.forEach((attempt, index) => {
      loads.push({
        job, start: Date.parse(attempt.started_at), end: attempt.ended_at ? Date.parse(attempt.ended_at) : null,
        outcome: outcomeOf(job, attempt, index === job.attempts.length - 1), error: attempt.error,
      });
    });
  }
  return loads.sort((a, b) => b.start - a.start);
}

const tablesOf = (job) => job.tables.slice(0, 8).join(", ") + (job.table_count > 8 ? `, … (${job.table_count})` : "");

function sentence(model, events, loads, minutes) {
  const outcomes = new Map();
  for (const load of loads) outcomes.set(load.outcome, (outcomes.get(load.outcome) ?? 0) + 1);
  const time = minutes < 60 ? `${minutes} minutes` : minutes === 60 ? "hour" : `${minutes / 60} hours`;
  let text = `Time line of ${model.name}, last ${time}: ${count(events, "event")}, ${count(loads.length, "load")}`;
  if (outcomes.size) text += ` (${[...outcomes].map(([name, number]) => `${number} ${words(name)}`).join(", ")})`;
  if (model.pending_since) {
    text += `. ${count(model.pending_tables.length, "table")} waiting since ${clock(model.pending_since)}`;
    if (model.load_at) text += `, load at ${clock(model.load_at)}`;
  }
  return `${text}.`;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360];

export function drawTimeline(svg, model, activity, minutes, small) {
  const width = svg.clientWidth;
  if (!width) return;
  const end = now(), start = end - minutes * 60000, latest = end + minutes * 60000 * 0.12;
  const x = (time) => (Math.min(Math.max(time, start), latest) - start) / (latest - start) * width;
  const lanes = small ? { events: 2, waits: 14, loads: 23, bar: 12, bottom: 38, wait: 6, tick: 10 }
    : { events: 2, waits: 19, loads: 35, bar: 18, bottom: 60, wait: 11, tick: 14 };
  const parts = [s("rect", { class: "future", x: x(end), y: 0, width: width - x(end), height: lanes.bottom })];

  const wanted = Math.max(2, Math.floor(width / 90));
  const step = (STEPS.find((step) => minutes / step <= wanted) ?? 360) * 60000;
  const zone = new Date(end).getTimezoneOffset() * 60000;
  for (let time = Math.ceil((start - zone) / step) * step + zone; time < latest; time += step) {
    parts.push(s("line", { class: "axis", x1: x(time), x2: x(time), y1: 0, y2: lanes.bottom }));
    if (x(time) > 18 && x(time) < width - 18) {
      parts.push(s("text", { class: "axis-text", x: x(time), y: lanes.bottom + 13, "text-anchor": "middle" }, clock(time, step < 60000)));
    }
  }
  parts.push(s("line", { class: "now", x1: x(end), x2: x(end), y1: 0, y2: lanes.bottom }));

  let events = 0;
  for (const tick of activity?.events ?? []) {
    const time = Date.parse(tick.at);
    if (time < start) continue;
    events += tick.count;
    const height = Math.min(lanes.tick, 4 + 3 * Math.log2(1 + tick.count));
    parts.push(s("line", { class: "tick", x1: x(time), x2: x(time), y1: lanes.events + lanes.tick - height, y2: lanes.events + lanes.tick },
      title(`${count(tick.count, "event")} at ${clock(time)}`)));
  }

  const loads = loadsOf(activity).filter((load) => (load.end ?? end) >= start);
  for (const job of activity?.jobs?.values() ?? []) {
    const from = Date.parse(job.created_at), first = job.attempts[0];
    const isOpen = !first && job.state !== "ended" && job.state !== "failed";
    const to = first ? Date.parse(first.started_at) : isOpen ? end : Date.parse(job.ended_at ?? job.created_at);
    if (to < start) continue;
    parts.push(s("rect", { class: isOpen ? "wait open" : "wait", x: x(from), y: lanes.waits, width: Math.max(2, x(to) - x(from)), height: lanes.wait },
      title(`${tablesOf(job)}: waited ${span(to - from)} from ${clock(from)}${isOpen ? " until now" : ""}; ${count(job.event_count, "event")}`)));
  }
  if (model.pending_since && model.state !== "loading") {
    const limit = Date.parse(model.pending_since) + model.max_wait_seconds * 1000;
    const due = model.load_at ? Date.parse(model.load_at) : null;
    if (due !== null && due >= start) {
      parts.push(s("path", { class: "deadline", d: `M${x(due)} ${lanes.waits - 3}v${lanes.wait + 6}` },
        title(`loads at ${clock(due)} if nothing else arrives; at ${clock(limit)} at the latest (max_wait)`)));
      const text = `load ${clock(due)}${due > latest ? " →" : ""}`;
      if (!small && width - x(due) > 90) parts.push(s("text", { class: "deadline-text", x: x(due) + 5, y: lanes.waits + 10 }, text));
      else if (!small && due > latest && width - x(end) > 90) parts.push(s("text", { class: "deadline-text", x: x(due) - 5, y: lanes.waits + 10, "text-anchor": "end" }, text));
    }
  }
  for (const load of loads.reverse()) {
    const left = x(load.start), right = Math.max(left + 3, x(load.end ?? end));
    parts.push(s("rect", { class: `bar ${load.outcome}`, x: left, y: lanes.loads, width: right - left, height: lanes.bar, rx: 2 },
      title(`${words(load.outcome)}: ${tablesOf(load.job)}; ${clock(load.start)}, ${span((load.end ?? end) - load.start)}; ${count(load.job.event_count, "event")}${load.error ? `; ${load.error}` : ""}`)));
    const glyph = GLYPHS[load.outcome];
    if (glyph && load.outcome === "succeeded" && right - left >= 12) {
      parts.push(s("text", { class: "glyph", x: (left + right) / 2, y: lanes.loads + lanes.bar / 2 + 4, "aria-hidden": "true" }, glyph));
    } else if (glyph && load.outcome !== "succeeded") {
      parts.push(s("text", { class: `glyph outside ${load.outcome}`, x: (left + right) / 2, y: lanes.waits + lanes.wait - 1, "aria-hidden": "true" }, glyph));
    }
  }
  if (!events && !loads.length && !model.pending_since) {
    parts.push(s("text", { class: "axis-text", x: 8, y: lanes.bottom / 2 + 4 }, "Nothing happened in this time."));
  }
  const said = svg.firstElementChild ?? s("title");
  const text = sentence(model, events, loads, minutes);
  if (said.textContent !== text) said.textContent = text;
  svg.replaceChildren(said, ...parts);
}

// The bound under which a share of what was recorded lies.
export function quantile(histogram, share) {
  const total = histogram.counts.reduce((sum, number) => sum + number, 0);
  if (!total) return null;
  let sum = 0;
  for (let index = 0; index < histogram.counts.length; index++) {
    sum += histogram.counts[index];
    if (sum >= total * share) return index < histogram.bounds.length ? `≤ ${bound(histogram.bounds[index])}` : `> ${bound(histogram.bounds.at(-1))}`;
  }
  return null;
}

export function histogramChart(histogram, what) {
  const total = histogram.counts.reduce((sum, number) => sum + number, 0);
  if (!total) return null;
  const first = Math.max(0, histogram.counts.findIndex((number) => number > 0) - 1);
  const last = Math.min(histogram.counts.length - 1, histogram.counts.findLastIndex((number) => number > 0) + 1);
  const shown = histogram.counts.slice(first, last + 1), most = Math.max(...shown), width = 240 / Math.max(shown.length, 4);
  const name = (index) => index < histogram.bounds.length ? bound(histogram.bounds[index]) : "more";
  const svg = s("svg", { class: "chart", viewBox: "0 0 240 62", role: "img", preserveAspectRatio: "xMinYMid meet" },
    title(`${what}: ${shown.map((number, index) => number ? `${number} within ${name(first + index)}` : "").filter(Boolean).join(", ")}`));
  shown.forEach((number, index) => {
    const height = number ? Math.max(2, number / most * 42) : 0;
    svg.append(s("rect", { class: "column", x: index * width + 2, y: 45 - height, width: width - 4, height, rx: 1 }));
    if (shown.length <= 8 || index % 2 === 0) {
      svg.append(s("text", { x: index * width + width / 2, y: 58, "text-anchor": "middle" }, name(first + index)));
    }
  });
  svg.append(s("line", { class: "base", x1: 0, x2: shown.length * width, y1: 45.5, y2: 45.5 }));
  return svg;
}

export function funnelChart(many, manyName, few) {
  const text = `${count(many, manyName)} became ${count(few, "load")}`;
  const most = Math.max(many, few, 1);
  return [text, s("svg", { class: "chart", viewBox: "0 0 240 22", role: "img", preserveAspectRatio: "xMinYMid meet" }, title(text),
    s("rect", { class: "many", x: 0, y: 2, width: Math.max(1, many / most * 240), height: 7, rx: 1 }),
    s("rect", { class: "few", x: 0, y: 12, width: Math.max(1, few / most * 240), height: 7, rx: 1 }))];
}
