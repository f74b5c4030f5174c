// Keeps what the service has told, and shows it. Everything is read once when the stream opens; from then on the stream
// says what has changed. While everything is being read, what the stream says waits.
import { ago, byId, clock, count, h, now, setAttribute, setServerTime, setText, span, words } from "./dom.js";
import { funnelChart } from "./charts.js";
import { Card } from "./cards.js";

const ZOOMS = [[5, "5 min"], [15, "15 min"], [60, "1 h"], [360, "6 h"], [1440, "24 h"]];
const STATES = ["all", "attention", "loading", "waiting", "idle"];
const VERDICTS = { ok: "All is well.", degraded: "Degraded: it works, and somebody should look.", failing: "Failing: nothing can be loaded." };
const PAST = { flush: "flushed", hold: "on hold", release: "released", retry: "retried", discard: "discarded" };

const store = { health: null, models: new Map(), failed: new Map(), activity: new Map() };
const cards = new Map();
let minutes = 60, stateFilter = "all", identifiers = 0, reading = null, waiting = [], loadedAt = null, lostAt = null;
// How much of the time line was read, and the next try where not everything could be read.
let hoursRead = 0, unread = 0, nextTry = 0;

const page = {
  get minutes() { return minutes; },
  nextID: () => ++identifiers,
  activity: (name) => store.activity.get(name),
  steer: (model, verb, button) => act(`/api/v1/models/${encodeURIComponent(model)}/${verb}`, `${model} ${PAST[verb]}`, button)
    .then((answer) => { if (answer) { apply("model", answer); show(); } }),
};

// MARK: Asking

async function get(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(20000) });
  // Health is told with 503 too.
  if (!answer.ok && !(path === "/health" && answer.status === 503)) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

async function act(path, done, button) {
  if (button.getAttribute("aria-busy") === "true") return null;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(path, { method: "POST", signal: AbortSignal.timeout(20000) });
    const body = await answer.json();
    if (!answer.ok) {
      notice(body.detail ?? body.title ?? `The service answered ${answer.status}.`);
      return null;
    }
    setText(byId("spoken"), done);
    return body;
  } catch {
    notice("The service did not answer; nothing may have been done.");
    return null;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function notice(text) {
  const element = h("div", { class: "notice" }, h("span", {}, text), h("button", { type: "button", onclick: () => element.remove() }, "Close"));
  byId("notices").append(element);
  while (byId("notices").children.length > 3) byId("notices").firstChild.remove();
}

// MARK: Reading everything

const spanOf = (job) => ({
  id: job.id, state: job.state, outcome: job.outcome, kind: job.kind, tables: job.tables.slice(0, 8), table_count: job.tables.length,
  event_count: job.event_count, created_at: job.created_at, load_at: job.load_at, ended_at: job.ended_at, attempts: job.attempts,
});

async function readAll() {
  if (reading) return reading;
  clearTimeout(nextTry);
  const hours = Math.ceil(minutes / 60);
  reading = (async () => {
    const [timeline, health, models, failed] = await Promise.all([
      get(`/api/v1/timeline?hours=${hours}`), get("/health"), get("/api/v1/models"), get("/api/v1/jobs?state=failed&limit=200"),
    ]);
    setServerTime(timeline.to);
    // The first of a name is the one in the configuration; one whose ids were changed stays behind it until it is done.
    store.models = new Map([...models.models].reverse().map((model) => [model.name, model]));
    store.failed = new Map(failed.jobs.map((job) => [job.id, job]));
    store.activity = new Map(Object.entries(timeline.models).map(([name, model]) =>
      [name, { events: model.events, jobs: new Map(model.jobs.map((job) => [job.id, job])) }]));
    setHealth(health);
    const since = [timeline.events_complete_since, timeline.jobs_complete_since].filter(Boolean).sort().at(-1);
    byId("history").hidden = !since;
    if (since) setText(byId("history"), `What is older than ${clock(since)} has partly left the history (limits.history).`);
  })();
  try {
    await reading;
    hoursRead = hours;
    unread = 0;
    setConnection("live");
  } catch (error) {
    if (!unread) notice(`Not everything could be read, and it is tried again: ${error.message}`);
    // The stream may well be open: nothing else would bring what is missing.
    nextTry = setTimeout(readAll, Math.min(30000, 1000 * 2 ** unread));
    unread += 1;
  } finally {
    reading = null;
    const late = waiting;
    waiting = [];
    for (const [name, data] of late) apply(name, data);
    showModels();
    show();
    // Somebody chose a longer time meanwhile.
    if (!unread && Math.ceil(minutes / 60) > hoursRead) readAll();
  }
}

function setHealth(health) {
  loadedAt = health.configuration.loaded_at;
  store.health = health;
}

// MARK: What the stream says

function heard(name, data) {
  if (reading) waiting.push([name, data]);
  else {
    apply(name, data);
    show();
  }
}

function activityOf(name) {
  if (!store.activity.has(name)) store.activity.set(name, { events: [], jobs: new Map() });
  return store.activity.get(name);
}

function apply(name, data) {
  switch (name) {
    case "status": {
      const isNew = loadedAt && data.configuration.loaded_at !== loadedAt;
      setHealth(data);
      if (isNew) readAll();
      break;
    }
    case "model": {
      const former = store.models.get(data.name);
      if (former && (former.pool_id !== data.pool_id || former.data_model_id !== data.data_model_id)) break;
      store.models.set(data.name, data);
      if (former && data.events > former.events) {
        activityOf(data.name).events.push({ at: new Date(now()).toISOString(), count: data.events - former.events });
      }
      if (cards.has(data.name)) cards.get(data.name).set(data);
      else showModels();
      break;
    }
    case "job": {
      const job = data.job;
      activityOf(job.model).jobs.set(job.id, spanOf(job));
      if (job.state === "failed") store.failed.set(job.id, job);
      else store.failed.delete(job.id);
      if (job.state === "failed") setText(byId("spoken"), `A job of ${job.model} failed.`);
      cards.get(job.model)?.draw(true);
      break;
    }
    case "change":
      if (data.what === "added" || data.what === "removed") readAll();
      break;
    case "reset": readAll(); break;
  }
}

// Forgets what the longest zoom does not show.
function forget() {
  const start = now() - 1440 * 60000;
  for (const activity of store.activity.values()) {
    while (activity.events.length && Date.parse(activity.events[0].at) < start) activity.events.shift();
    for (const [id, job] of activity.jobs) if (job.ended_at && Date.parse(job.ended_at) < start) activity.jobs.delete(id);
  }
}

let source = null, again = 1000;

function follow() {
  source = new EventSource("/api/v1/stream");
  source.onopen = () => {
    again = 1000;
    readAll();
  };
  source.onerror = () => {
    setConnection("lost");
    // Refused, and not only interrupted: the browser has given up.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(follow, again);
      again = Math.min(again * 2, 30000);
    }
  };
  for (const name of ["status", "model", "job", "change", "reset"]) {
    source.addEventListener(name, (event) => heard(name, JSON.parse(event.data)));
  }
}

function setConnection(state) {
  const element = byId("connection");
  setAttribute(element, "data-state", state);
  setText(element, state === "live" ? "Live" : "Connection lost");
  if (state === "lost") lostAt ??= now();
  else lostAt = null;
  byId("lost").hidden = state !== "lost";
  if (lostAt) setText(byId("lost"), `Connection lost at ${clock(lostAt)}. What is shown is from then; trying again.`);
}

// MARK: Showing

let isDue = false;
function show() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    if (!store.health) return;
    showState();
    showFailed();
    showSources();
    showChoices();
  });
}

function replaceIfChanged(element, key, make) {
  if (element.shown === key) return;
  element.shown = key;
  element.replaceChildren(...make());
}

function showState() {
  const { status, reasons, queue, version, started_at, sources } = store.health;
  setAttribute(byId("state"), "data-status", status);
  setText(byId("verdict"), VERDICTS[status] ?? status);
  document.title = `${status === "ok" ? "" : `${status} · `}Reloader`;
  replaceIfChanged(byId("reasons"), reasons.join("\n"), () => reasons.map((reason) => h("li", {}, reason)));
  setText(byId("version"), version);
  setText(byId("started"), `up since ${started_at}`);
  const oldest = [...store.models.values()].map((model) => model.oldest_change_at).filter(Boolean).sort()[0];
  const numbers = [["waiting", queue.waiting], ["ready", queue.ready], ["loading", queue.loading], ["retrying", queue.retrying], ["on hold", queue.held], ["failed", queue.failed, queue.failed > 0], ["pending tables", queue.pending_tables]];
  replaceIfChanged(byId("numbers"), JSON.stringify([numbers, Boolean(oldest)]), () => [
    ...numbers.map(([name, number, alarm]) => h("div", { "data-zero": String(!number), "data-alarm": String(Boolean(alarm)) }, h("dt", {}, name), h("dd", {}, number.toLocaleString("en")))),
    h("div", { "data-zero": String(!oldest) }, h("dt", {}, "oldest change"), h("dd", { id: "oldest" }, "–")),
  ]);
  byId("oldest").since = oldest;
  setText(byId("oldest"), oldest ? span(now() - Date.parse(oldest)) : "–");
  const events = Object.values(sources).reduce((sum, source) => sum + source.accepted, 0);
  const loads = [...store.models.values()].reduce((sum, model) => sum + model.loads.reduce((sum, load) => sum + load.count, 0), 0);
  replaceIfChanged(byId("funnel"), `${events} ${loads}`, () => {
    const [text, chart] = funnelChart(events, "event", loads);
    return [h("p", {}, text), chart];
  });
}

function cell(label, ...content) { return h("td", { "data-label": label, role: "cell" }, ...content); }

function showFailed() {
  const jobs = [...store.failed.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  const body = byId("failed-table").tBodies[0];
  byId("failed-none").hidden = jobs.length > 0;
  byId("failed-table").hidden = !jobs.length;
  const shown = jobs.slice(0, 50);
  const rest = Math.max(0, store.health.queue.failed - shown.length);
  byId("failed-more").hidden = !rest;
  setText(byId("failed-more"), `and ${rest} more: reloader status, or /api/v1/jobs?state=failed`);
  // By row, so that the focus stays where it is.
  const rows = new Map([...body.rows].map((row) => [row.dataset.job, row]));
  shown.forEach((job, index) => {
    const row = rows.get(job.id) ?? failedRow(job);
    rows.delete(job.id);
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  for (const row of rows.values()) row.remove();
}

function failedRow(job) {
  const tables = job.tables.slice(0, 8).join(", ") + (job.tables.length > 8 ? `, … (${job.tables.length})` : "");
  const settle = (verb, button) => act(`/api/v1/jobs/${job.id}/${verb}`, `${job.id} ${PAST[verb]}`, button)
    .then((answer) => { if (answer) heard("job", { job: answer }); });
  const retry = h("button", { type: "button", "data-verb": "retry", "aria-label": `Retry ${job.id}`, onclick: () => settle("retry", retry) }, "Retry");
  const discard = h("button", { type: "button", class: "danger", "data-verb": "discard", "aria-label": `Discard ${job.id} …`, onclick: () => {
    ask("Discard this job?", `${job.model}: ${tables}. Its changes will not be loaded; the tables stay as they are until something else reloads them. This cannot be undone.`, "Discard", () => settle("discard", discard));
  } }, "Discard …");
  return h("tr", { "data-job": job.id, role: "row" }, cell("Job", h("span", { class: "id" }, job.id), h("small", {}, count(job.event_count, "event"))), cell("Model", job.model), cell("Tables", tables),
    cell("Since", h("time", { datetime: job.ended_at ?? job.created_at }, ago(job.ended_at ?? job.created_at))), h("td", { class: "error", "data-label": "Error", role: "cell" }, job.error ?? "no error was given"),
    cell("Actions", h("div", { class: "buttons" }, retry, discard)));
}

function ask(title, text, yes, then) {
  const dialog = byId("confirm");
  setText(byId("confirm-title"), title);
  setText(byId("confirm-text"), text);
  setText(byId("confirm-yes"), yes);
  byId("confirm-yes").onclick = () => { dialog.close(); then(); };
  byId("confirm-no").onclick = () => dialog.close();
  dialog.showModal();
}

function showSources() {
  const body = byId("sources-table").tBodies[0];
  const sources = Object.entries(store.health.sources).sort(([a], [b]) => (a < b ? -1 : 1));
  replaceIfChanged(body, JSON.stringify(sources), () => sources.map(([name, source]) => {
    const number = (label, value) => h("td", { class: "number", "data-label": label, role: "cell" }, value.toLocaleString("en"));
    const rejected = number("Rejected", source.rejected);
    const reasons = Object.entries(source.rejections).map(([reason, number]) => `${number} ${words(reason)}`).join(", ");
    if (reasons) rejected.append(h("small", { class: "alarm" }, reasons));
    return h("tr", { role: "row" }, cell("Source", name), cell("Last delivery", h("time", { datetime: source.last_delivery_at ?? "" }, ago(source.last_delivery_at)), source.silent ? h("small", { class: "alarm" }, "silent for longer than expected") : null),
      number("Accepted", source.accepted), number("Unmatched", source.unmatched), number("Duplicates", source.duplicates), rejected);
  }));
}

// MARK: Models

const observer = new IntersectionObserver((entries) => {
  for (const entry of entries) entry.target.card.setVisible(entry.isIntersecting);
}, { rootMargin: "300px" });

const needsAttention = (model) => model.held || model.failed_jobs > 0 || model.state === "retrying" || model.trouble !== null;
const inState = (model, state) => state === "all" || (state === "attention" ? needsAttention(model)
  : state === "waiting" ? ["waiting", "ready"].includes(model.state) : model.state === state);

function showModels() {
  const names = [...store.models.keys()].sort();
  const few = names.length <= 5;
  for (const [name, card] of cards) {
    if (store.models.has(name)) continue;
    observer.unobserve(card.element);
    card.element.remove();
    cards.delete(name);
  }
  const list = byId("cards");
  names.forEach((name, index) => {
    let card = cards.get(name);
    if (card) card.set(store.models.get(name));
    else {
      card = new Card(store.models.get(name), page);
      cards.set(name, card);
      if (few) card.expand(true);
      observer.observe(card.element);
    }
    if (list.children[index] !== card.element) list.insertBefore(card.element, list.children[index] ?? null);
  });
  filterModels();
}

function filterModels() {
  const text = byId("filter").value.trim().toLowerCase();
  let shown = 0;
  for (const card of cards.values()) {
    const model = card.model;
    const matches = inState(model, stateFilter) && (!text || model.name.toLowerCase().includes(text) || model.pending_tables.some((table) => table.toLowerCase().includes(text)));
    card.element.hidden = !matches;
    if (matches) shown += 1;
  }
  byId("models-none").hidden = shown > 0;
  setText(byId("models-none"), cards.size ? "No model matches." : "No models are known yet.");
}

function showChoices() {
  const models = [...store.models.values()];
  for (const state of STATES) {
    setText(byId(`count-${state}`), ` ${models.filter((model) => inState(model, state)).length}`);
  }
  if (stateFilter !== "all" || byId("filter").value.trim()) filterModels();
}

function choice(fieldset, name, options, chosen, then) {
  for (const [value, label, extra] of options) {
    fieldset.append(h("label", {}, h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => then(value) }), label, extra));
  }
}

choice(byId("states"), "state", STATES.map((state) => [state, state[0].toUpperCase() + state.slice(1), h("span", { class: "count", id: `count-${state}` })]), "all", (state) => {
  stateFilter = state;
  filterModels();
});
choice(byId("zoom"), "zoom", ZOOMS, minutes, (value) => {
  minutes = value;
  readAll();
});
byId("filter").addEventListener("input", filterModels);

function drawVisible(whole) {
  for (const card of cards.values()) if (card.isVisible && !card.element.hidden) card.draw(whole);
}

let resize = 0;
addEventListener("resize", () => {
  clearTimeout(resize);
  resize = setTimeout(() => drawVisible(false), 100);
});

setInterval(() => {
  if (document.hidden || lostAt || !store.health) return;
  drawVisible(false);
  setText(byId("oldest"), byId("oldest").since ? span(now() - Date.parse(byId("oldest").since)) : "–");
  for (const time of document.querySelectorAll("time[datetime]")) if (time.dateTime) setText(time, ago(time.dateTime));
}, 1000);
setInterval(forget, 60000);
follow();
