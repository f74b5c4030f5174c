// Small helpers. Every text from the service becomes a text node: nothing here parses markup, and the page's policy
// (require-trusted-types-for) forbids whoever would.
const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// Only what differs is written, so that screen readers and selections are left alone.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// Time as the service has it: a page on another machine may be minutes off.
let skew = 0;
export const setServerTime = (text) => { skew = Date.parse(text) - Date.now(); };
export const now = () => Date.now() + skew;

export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

// A bound of a histogram, in seconds.
export const bound = (seconds) => seconds < 1 ? `${seconds * 1000} ms` : seconds < 60 ? `${seconds} s`
  : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;

export function clock(time, withSeconds = true) {
  const date = new Date(typeof time === "string" ? Date.parse(time) : time);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}${withSeconds ? `:${two(date.getSeconds())}` : ""}`;
}

export const ago = (text) => text ? `${span(now() - Date.parse(text))} ago` : "never";
export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
export const words = (name) => name.replaceAll("_", " ");
