// One card a model. What is not on the screen costs a name and a state; the rest is drawn when it comes into view.
import { ago, clock, count, h, now, s, setAttribute, setText, span, words } from "./dom.js";
import { drawTimeline, funnelChart, histogramChart, loadsOf, quantile } from "./charts.js";

const SIGNS = { loading: "↻", held: "‖", retrying: "↺", ready: "•", waiting: "…", idle: "–" };

export function says(model) {
  const parts = [];
  if (model.loading) {
    const { tables, started_at, attempt } = model.loading;
    parts.push(`loading ${tables.length === 1 && tables[0] === "*" ? "everything" : count(tables.length, "table")} for ${started_at ? span(now() - Date.parse(started_at)) : "a moment"}${attempt > 1 ? `, attempt ${attempt}` : ""}`);
  }
  if (model.pending_tables.length) {
    let text = `${count(model.pending_tables.length, "change")} since ${span(now() - Date.parse(model.pending_since))}`;
    if (model.waiting_for) text += `, waits for ${model.waiting_for}`;
    if (model.load_at && Date.parse(model.load_at) > now()) text += `, loads in ${span(Date.parse(model.load_at) - now())}`;
    parts.push(text);
  }
  if (model.trouble) parts.push(model.trouble.message);
  if (!parts.length && model.last_load) parts.push(`last load ${words(model.last_load.outcome ?? "")} ${ago(model.last_load.ended_at)}`);
  return parts.join("; ") || "nothing has happened yet";
}

const loadCount = (model) => model.loads.reduce((sum, load) => sum + load.count, 0);

export class Card {
  constructor(model, page) {
    this.page = page;
    this.model = model;
    this.isVisible = false;
    const id = `m${page.nextID()}`;
    this.name = h("button", { type: "button", "aria-expanded": "false", "aria-controls": `${id}-details`, onclick: () => this.expand(!this.isExpanded) }, model.name);
    this.badge = h("span", { class: "badge" });
    this.failed = h("span", { class: "badge", "data-state": "failed", hidden: true });
    this.says = h("span", { class: "says" });
    this.head = h("div", { class: "card-head" }, h("h3", { id }, this.name), this.badge, this.failed, this.says);
    this.element = h("article", { class: "card", "aria-labelledby": id }, this.head);
    this.element.card = this;
    this.detailsID = `${id}-details`;
    this.showState();
  }

  get isExpanded() { return this.name.getAttribute("aria-expanded") === "true"; }

  set(model) {
    this.model = model;
    this.showState();
    if (this.isVisible) this.draw(true);
  }

  showState() {
    setText(this.badge, `${SIGNS[this.model.state] ?? ""} ${this.model.state}`);
    setAttribute(this.badge, "data-state", this.model.state);
    this.failed.hidden = !this.model.failed_jobs;
    setText(this.failed, `✕ ${count(this.model.failed_jobs, "failed job")}`);
  }

  // Comes into view, or leaves it.
  setVisible(isVisible) {
    if (this.isVisible === isVisible) return;
    this.isVisible = isVisible;
    if (!isVisible) return;
    this.build();
    this.draw(true);
  }

  build() {
    if (this.svg) return;
    const button = (verb) => h("button", { type: "button", "data-verb": verb, "aria-label": `${verb[0].toUpperCase()}${verb.slice(1)} ${this.model.name}`, onclick: (event) => this.page.steer(this.model.name, event.currentTarget.dataset.verb, event.currentTarget) },
      verb[0].toUpperCase() + verb.slice(1));
    this.flush = button("flush");
    this.hold = button("hold");
    this.release = button("release");
    this.head.append(h("div", { class: "buttons" }, this.flush, this.hold, this.release));
    this.svg = s("svg", { class: "timeline", role: "img" }, s("title"));
    this.details = h("div", { class: "details", id: this.detailsID, hidden: !this.isExpanded });
    this.element.append(this.svg, this.details);
  }

  expand(isExpanded) {
    setAttribute(this.name, "aria-expanded", String(isExpanded));
    if (!this.details) return;
    this.details.hidden = !isExpanded;
    this.draw(true);
  }

  // `whole`: more than time has changed.
  draw(whole) {
    if (!this.isVisible || !this.svg) return;
    setText(this.says, says(this.model));
    this.flush.disabled = !this.model.pending_tables.length;
    // Who has just pressed one of the two stays where the other one is now.
    const pressed = document.activeElement === this.hold || document.activeElement === this.release;
    this.hold.hidden = this.model.held;
    this.release.hidden = !this.model.held;
    if (pressed) (this.model.held ? this.release : this.hold).focus();
    this.svg.classList.toggle("small", !this.isExpanded);
    drawTimeline(this.svg, this.model, this.page.activity(this.model.name), this.page.minutes, !this.isExpanded);
    if (!this.isExpanded) return;
    if (whole || !this.details.firstChild) this.drawDetails();
    for (const age of this.details.querySelectorAll("[data-since]")) setText(age, span(now() - Number(age.dataset.since)));
  }

  drawDetails() {
    const { pending_changes, loading, freshness, events, loads, last_load, configuration } = this.model;
    const shown = pending_changes.slice(0, 60), running = loading && loading.tables.slice(0, 60);
    const rows = loadsOf(this.page.activity(this.model.name)).slice(0, 20);
    this.showParts(
      [[shown, pending_changes.length, running], () => this.pending(shown, running)],
      [freshness, () => this.freshness()],
      [[events, loads, last_load], () => this.became()],
      [rows, () => this.loadTable(rows)],
      [configuration, () => this.settings()],
    );
  }

  // Only the parts that differ from what is shown are put in place, and of the table its rows alone: who reads or selects
  // something there is left alone.
  showParts(...parts) {
    const old = [...this.details.children];
    parts.forEach(([data, make], index) => {
      const key = JSON.stringify(data), former = old[index];
      if (former?.shown === key) return;
      const part = make();
      part.shown = key;
      if (!former) this.details.append(part);
      else if (part.tagName !== "DETAILS") former.replaceWith(part);
      else {
        setText(former.querySelector("summary"), part.querySelector("summary").textContent);
        former.querySelector("tbody").replaceChildren(...part.querySelector("tbody").children);
        former.shown = key;
      }
    });
  }

  pending(shown, loading) {
    const part = h("div", {}, h("h4", {}, "Pending tables"));
    if (shown.length) {
      part.append(h("ul", { class: "tables" }, ...shown.map(({ table, since }) =>
        h("li", {}, table === "*" ? "everything" : table, h("span", { class: "age", "data-since": Date.parse(since), title: `since ${since}` })))));
      const more = this.model.pending_changes.length - shown.length;
      if (more > 0) part.append(h("p", { class: "quiet" }, `and ${more} more`));
    } else part.append(h("p", { class: "quiet" }, "none"));
    if (loading) {
      part.append(h("h4", {}, "Loading now"), h("ul", { class: "tables" }, ...loading.map((table) => h("li", {}, table === "*" ? "everything" : table))));
    }
    return part;
  }

  freshness() {
    const { freshness, name } = this.model;
    const part = h("div", {}, h("h4", {}, "Freshness: from a change to the end of its load"));
    const chart = histogramChart(freshness, `Freshness of ${name}`);
    if (chart) part.append(h("p", {}, `half ${quantile(freshness, 0.5)}, 95 % ${quantile(freshness, 0.95)}`), chart);
    else part.append(h("p", { class: "quiet" }, "no load has ended yet"));
    return part;
  }

  became() {
    const { events, loads, last_load: last } = this.model;
    const [text, funnel] = funnelChart(events, "event", loadCount(this.model));
    const outcomes = loads.map((load) => `${load.count} ${load.kind} ${words(load.outcome)}`).join(", ");
    const part = h("div", {}, h("h4", {}, "Since the start"), h("p", {}, text), funnel, h("p", { class: "quiet" }, outcomes || "no loads yet"));
    if (last) {
      part.append(h("p", {}, `last load ${words(last.outcome ?? "")}${last.ended_at ? ` at ${clock(last.ended_at)}` : ""}, `, h("span", { class: "id" }, last.job)));
    }
    return part;
  }

  // The time line once more, for who would rather read it.
  loadTable(loads) {
    const rows = loads.map((load) => {
      const cell = (label, ...content) => h("td", { "data-label": label, role: "cell" }, ...content);
      return h("tr", { role: "row" }, cell("Started", clock(load.start)), cell("Took", load.end ? span(load.end - load.start) : "runs"), cell("Ended", words(load.outcome)),
        cell("Events", String(load.job.event_count)), cell("Tables", load.job.tables.join(", ") + (load.job.table_count > load.job.tables.length ? ", …" : "")), cell("Job", h("span", { class: "id" }, load.job.id)));
    });
    const heads = ["Started", "Took", "Ended", "Events", "Tables", "Job"].map((name) => h("th", { scope: "col", role: "columnheader" }, name));
    return h("details", { class: "wide" }, h("summary", {}, `Loads as a table (${loads.length})`),
      h("table", { class: "stack", role: "table" }, h("caption", {}, `The last loads of ${this.model.name} in the shown time, newest first`),
        h("thead", {}, h("tr", { role: "row" }, ...heads)), h("tbody", { role: "rowgroup" }, ...rows)));
  }

  settings() {
    const settings = Object.entries(this.model.configuration).map(([name, value]) => `${name} ${value}`).join(" · ");
    return h("p", { class: "quiet wide" }, settings || "removed from the configuration; its changes still load");
  }
}
