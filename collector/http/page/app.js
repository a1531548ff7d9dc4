// The fleet, live. Everything a device says reaches the page through textContent only.

const HISTORY = 60;          // Updates that a sparkline shows.
const PANEL_POLL_MS = 2000;
const RECONNECT_MS = 3000;

const STATES = {
  alert: {icon: "▲", word: "Alert", rank: 0},
  offline: {icon: "○", word: "Offline", rank: 1},
  online: {icon: "●", word: "Online", rank: 2},
};

const byId = (id) => document.getElementById(id);
const tbody = document.querySelector("#fleet tbody");
const devices = new Map();   // Name → Device.
const view = {sort: "service_name", descending: false, show: "all", text: ""};
let clockOffsetMs = 0;       // The collector's clock less this browser's.
let hasFleet = false;

// --- Words for values -----------------------------------------------------------------------------

const number = (value, digits = 1) => value.toLocaleString("en", {maximumFractionDigits: digits});

function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) { value /= 1024; ++unit; }
  return `${value.toFixed(unit ? 1 : 0)} ${units[unit]}`;
}

function duration(seconds) {
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 3 : 1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

function ago(ms) {
  const seconds = Math.max(0, Math.round((Date.now() + clockOffsetMs - ms) / 1000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} days ago`;
}

const dateTime = (ms) => new Date(ms).toLocaleString();
const percent = (value) => value === null ? "–" : `${value.toFixed(1)} %`;

// The unit is what the metric's name ends with.
function reading(metric, value) {
  if (value === null) return "–";
  const base = metric.replace(/_total$/, "");
  if (base.endsWith("_bytes")) return bytes(value);
  if (base.endsWith("_ratio")) return `${number(value * 100)} %`;
  if (base.endsWith("_percent")) return `${number(value)} %`;
  if (base.endsWith("_celsius")) return `${number(value)} °C`;
  if (base.endsWith("_hertz")) return `${number(value / 1e6)} MHz`;
  if (base.endsWith("_timestamp_seconds")) return dateTime(value * 1000);
  if (base.endsWith("_seconds")) return duration(value);
  return number(value, 3);
}

// --- One device -----------------------------------------------------------------------------------

const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    entry.target.device.inView = entry.isIntersecting;
    entry.target.device.paint();
  }
}, {rootMargin: "200px"});

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A device and its row. The row is painted only while it is near the window and has news.
class Device {
  constructor(name) {
    this.name = name;
    this.history = [];
    this.inView = false;
    this.painted = true;
    this.row = byId("row").content.firstElementChild.cloneNode(true);
    this.row.device = this;
    this.cells = Object.fromEntries(
      ["icon", "word", "address", "cpu-cell", "value", "memory", "seen", "rules"]
        .map((name) => [name, this.row.querySelector(`.${name}`)]));
    this.bar = this.row.querySelector(".bar i");
    this.line = this.row.querySelector("polyline");
    this.button = this.row.querySelector(".name button");
    this.button.textContent = name;
    this.button.title = name;
    this.row.classList.toggle("open", name === panel.name);
    inView.observe(this.row);
  }

  update(data) {
    const isNew = !this.data || this.data.timestamp_ms !== data.timestamp_ms;
    this.data = data;
    this.state = !data.connected ? "offline" : data.firing.length ? "alert" : "online";
    if (isNew) this.history.push(data.cpu_usage ?? 0);
    if (this.history.length > HISTORY) this.history.shift();
    this.searchText = [data.service_name, data.address, ...data.firing].join("\n").toLowerCase();
    this.painted = false;
    this.paint();
  }

  paint() {
    if (!this.inView || !this.data) return;
    setText(this.cells.seen, ago(this.data.last_seen_ms));
    if (this.painted) return;
    this.painted = true;
    const {data, cells} = this;
    this.row.dataset.state = this.state;
    setText(cells.icon, STATES[this.state].icon);
    setText(cells.word, STATES[this.state].word);
    setText(cells.address, data.address);
    setText(cells.memory, data.memory_mb === null ? "–" : bytes(data.memory_mb * 1048576));
    cells.seen.title = dateTime(data.last_seen_ms);
    this.paintCpu();
    this.paintRules();
  }

  paintCpu() {
    const usage = Math.min(100, Math.max(0, this.data.cpu_usage ?? 0));
    setText(this.cells.value, percent(this.data.cpu_usage));
    this.cells["cpu-cell"].dataset.level = usage >= 90 ? "full" : usage >= 75 ? "high" : "normal";
    this.bar.style.width = `${usage}%`;
    const start = HISTORY - this.history.length;
    const points = this.history.map(
      (value, i) => `${start + i},${(19 - Math.min(100, Math.max(0, value)) * 0.18).toFixed(1)}`);
    this.line.setAttribute("points", points.join(" "));
  }

  paintRules() {
    const rules = this.data.firing;
    if (this.cells.rules.childElementCount === rules.length &&
        rules.every((rule, i) => this.cells.rules.children[i].textContent === rule)) return;
    this.cells.rules.replaceChildren(...rules.map((rule) => {
      const tag = document.createElement("span");
      tag.className = "rule";
      tag.textContent = rule;
      return tag;
    }));
  }

  remove() {
    inView.unobserve(this.row);
    this.row.remove();
  }
}

// --- The table ------------------------------------------------------------------------------------

function sortKey(device) {
  if (view.sort === "state") return STATES[device.state].rank;
  if (view.sort === "firing") return device.data.firing.join(" ");
  return device.data[view.sort] ?? -1;
}

function compare(a, b) {
  const x = sortKey(a);
  const y = sortKey(b);
  const order = x < y ? -1 : x > y ? 1 : 0;
  if (order !== 0) return view.descending ? -order : order;
  return a.name < b.name ? -1 : 1;
}

function isShown(device) {
  return (view.show === "all" || view.show === device.state) && device.searchText.includes(view.text);
}

// Moves only rows that are out of place, and keeps the focus, which a moved row would lose.
function arrange() {
  const focused = document.activeElement;
  let next = tbody.firstElementChild;
  let shown = 0;
  for (const device of [...devices.values()].sort(compare)) {
    const visible = isShown(device);
    if (device.row.hidden === visible) device.row.hidden = !visible;
    shown += visible ? 1 : 0;
    if (device.row === next) next = next.nextElementSibling;
    else tbody.insertBefore(device.row, next);
  }
  if (focused !== document.activeElement && tbody.contains(focused)) focused.focus({preventScroll: true});
  byId("empty").hidden = shown > 0;
  byId("fleet").hidden = devices.size === 0;
  if (hasFleet) {
    setText(byId("empty"), devices.size === 0
      ? "No device has reported yet. Start an edgefeed-agent that points at this collector."
      : "No device matches.");
  }
}

function summarise() {
  const counts = {all: devices.size, alert: 0, online: 0, offline: 0};
  for (const device of devices.values()) ++counts[device.state];
  for (const chip of document.querySelectorAll(".chip")) {
    setText(chip.firstElementChild, String(counts[chip.dataset.show]));
    chip.classList.toggle("some", counts[chip.dataset.show] > 0);
  }
  document.title = counts.alert ? `(${counts.alert}) Edgefeed` : "Edgefeed";
  setText(byId("announce"), `${counts.all} devices, ${counts.alert} alerting, ${counts.offline} offline`);
}

function refresh() {
  arrange();
  summarise();
}

function sortBy(key) {
  const numeric = ["cpu_usage", "memory_mb", "last_seen_ms", "firing"].includes(key);
  view.descending = view.sort === key ? !view.descending : numeric;
  view.sort = key;
  for (const button of document.querySelectorAll("#fleet th button")) {
    const heading = button.parentElement;
    if (button.dataset.sort !== key) heading.removeAttribute("aria-sort");
    else heading.setAttribute("aria-sort", view.descending ? "descending" : "ascending");
  }
  arrange();
}

// --- The stream -----------------------------------------------------------------------------------

function absorb({now_ms: now, devices: list}) {
  clockOffsetMs = now - Date.now();
  for (const data of list) {
    let device = devices.get(data.service_name);
    if (!device) devices.set(data.service_name, device = new Device(data.service_name));
    device.update(data);
  }
}

function absorbAll(event) {
  const names = new Set(event.devices.map((device) => device.service_name));
  for (const [name, device] of devices) {
    if (names.has(name)) continue;
    device.remove();
    devices.delete(name);
  }
  hasFleet = true;
  absorb(event);
}

let source = null;
let lostAt = null;
let isShutOut = false;       // The collector wants another token or certificate.

function bannerText() {
  const time = new Date(lostAt).toLocaleTimeString();
  return isShutOut
    ? `The collector no longer lets this browser in; what you see is from ${time}. Reload to sign in.`
    : `Connection to the collector lost at ${time}. Reconnecting; what you see is from then.`;
}

function showLink(state) {
  const isLive = state === "live";
  byId("link").dataset.state = isLive ? "live" : "lost";
  setText(byId("link"), state);
  document.querySelector("main").classList.toggle("stale", !isLive);
  byId("banner").hidden = isLive;
  lostAt = isLive ? null : lostAt ?? Date.now();
  if (!isLive) setText(byId("banner"), bannerText());
}

const isRefusal = ({status}) => status === 401 || status === 403;

// The last question: each further one would have the browser ask its user for a token again.
function stayOutside() {
  isShutOut = true;
  source.close();
  clearTimeout(panel.timer);
  showLink("signed out");
}

// An EventSource does not say why it was refused: not let in, or too many of them.
async function findOutWhy() {
  try {
    if (isRefusal(await fetch("/", {method: "HEAD", cache: "no-store"}))) return stayOutside();
  } catch (error) { /* Nobody answers. */ }
  setTimeout(connect, RECONNECT_MS);
}

function connect() {
  if (isShutOut) return;
  source = new EventSource("/api/v1/stream");
  const on = (name, handle) => source.addEventListener(name, (message) => {
    showLink("live");
    handle(JSON.parse(message.data));
    refresh();
  });
  on("all", absorbAll);
  on("changed", absorb);
  source.addEventListener("open", () => showLink("live"));
  source.addEventListener("error", () => {
    if (isShutOut) return;
    showLink("lost");
    if (source.readyState !== EventSource.CLOSED) return;  // It reconnects by itself.
    findOutWhy();
  });
}

// --- The panel ------------------------------------------------------------------------------------

const panel = {element: byId("panel"), name: null, timer: 0, abort: null, rows: new Map()};

function labelText(labels) {
  return labels.map(({name, value}) => `${name}=${value}`).join("  ");
}

function bootText(boot) {
  return boot.started_ms ? `${dateTime(boot.started_ms)}, ${boot.text}` : boot.text;
}

function facts(device) {
  const info = device.info;
  const list = [
    ["Address", device.address],
    ["CPU", percent(device.cpu_usage)],
    ["Memory used", device.memory_mb === null ? "–" : bytes(device.memory_mb * 1048576)],
    ["Sampled", dateTime(device.timestamp_ms)],
    ["First seen", dateTime(device.first_seen_ms)],
    ["Payloads", number(device.request_count, 0)],
  ];
  if (!info) return list;
  return [...list,
    ["System", `${info.operating_system}, Linux ${info.kernel_release} ${info.machine}`],
    ["Agent", info.agent_version],
    ...(info.boot ? [["Booted", bootText(info.boot)]] : []),
    ["Boot", info.boot_id],
    ...(info.labels.length ? [["Labels", labelText(info.labels)]] : [])];
}

function showFacts(device) {
  const list = facts(device);
  const element = byId("panel-facts");
  if (element.childElementCount !== list.length * 2) {
    element.replaceChildren(...list.flatMap(
      () => [document.createElement("dt"), document.createElement("dd")]));
  }
  list.forEach(([name, value], i) => {
    setText(element.children[2 * i], name);
    setText(element.children[2 * i + 1], value);
  });
}

function makeReadingRow(series) {
  const row = document.createElement("tr");
  const name = row.insertCell();
  name.textContent = series.metric;
  if (series.labels.length) {
    const labels = document.createElement("span");
    labels.className = "labels";
    labels.textContent = labelText(series.labels);
    name.append(labels);
  }
  return {row, value: row.insertCell(), text: name.textContent.toLowerCase()};
}

function showReadings(readings) {
  const seen = new Set();
  for (const {series, value} of readings) {
    const key = JSON.stringify(series);
    seen.add(key);
    if (!panel.rows.has(key)) {
      const entry = makeReadingRow(series);
      panel.rows.set(key, entry);
      byId("panel-readings").append(entry.row);
    }
    const cell = panel.rows.get(key).value;
    setText(cell, reading(series.metric, value));
    cell.title = String(value);
  }
  for (const [key, entry] of panel.rows) {
    if (seen.has(key)) continue;
    entry.row.remove();
    panel.rows.delete(key);
  }
  filterReadings();
}

function filterReadings() {
  const text = byId("panel-filter").value.trim().toLowerCase();
  let shown = 0;
  for (const entry of panel.rows.values()) {
    entry.row.hidden = !entry.text.includes(text);
    shown += entry.row.hidden ? 0 : 1;
  }
  setText(byId("panel-note"), shown ? "" :
    panel.rows.size ? "No reading matches." : "This device sends no readings beyond CPU and memory.");
}

function showDevice(device) {
  const firing = device.firing.length ? `, firing: ${device.firing.join(", ")}` : "";
  setText(byId("panel-status"),
    `${device.connected ? "Online" : "Offline"}, last seen ${ago(device.last_seen_ms)}${firing}`);
  showFacts(device);
  showReadings(device.readings);
}

async function pollPanel(name) {
  if (isShutOut) return;
  panel.abort = new AbortController();
  try {
    const response = await fetch(`/api/v1/devices/${encodeURIComponent(name)}`, {signal: panel.abort.signal});
    if (isRefusal(response)) return stayOutside();
    const body = await response.json();
    if (panel.name !== name) return;
    if (response.ok) showDevice(body);
    else setText(byId("panel-note"), body.message);
  } catch (error) {
    if (panel.name === name) setText(byId("panel-status"), "The collector does not answer.");
  }
  if (panel.name === name) panel.timer = setTimeout(() => pollPanel(name), PANEL_POLL_MS);
}

function leavePanel() {
  clearTimeout(panel.timer);
  panel.abort?.abort();
  devices.get(panel.name)?.row.classList.remove("open");
  panel.rows.clear();
  byId("panel-readings").replaceChildren();
  byId("panel-facts").replaceChildren();
  setText(byId("panel-note"), "");
  setText(byId("panel-status"), "");
}

// The address's fragment says which device is open, so that a link or a reload finds it again.
// A device's name needs no escapes.
function followFragment() {
  const name = /^#device=([\w.:-]+)$/.exec(location.hash)?.[1] ?? null;
  if (name === panel.name) return;
  const before = panel.name;
  leavePanel();
  panel.name = name;
  panel.element.hidden = name === null;
  document.body.classList.toggle("with-panel", name !== null);
  if (name === null) {
    devices.get(before)?.button.focus({preventScroll: true});
    return;
  }
  setText(byId("panel-name"), name);
  devices.get(name)?.row.classList.add("open");
  panel.element.scrollTop = 0;
  panel.element.focus();
  pollPanel(name);
}

function openPanel(name) { location.hash = `device=${name}`; }

function closePanel() {
  history.replaceState(null, "", location.pathname);
  followFragment();
}

// --- What the operator does -----------------------------------------------------------------------

tbody.addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (row && !getSelection().toString()) openPanel(row.device.name);
});

document.querySelector("#fleet thead").addEventListener("click", (event) => {
  const key = event.target.dataset.sort;
  if (key) sortBy(key);
});

document.querySelector(".chips").addEventListener("click", (event) => {
  const chip = event.target.closest(".chip");
  if (!chip) return;
  view.show = chip.dataset.show;
  for (const other of document.querySelectorAll(".chip")) {
    other.setAttribute("aria-pressed", String(other === chip));
  }
  arrange();
});

byId("filter").addEventListener("input", (event) => {
  view.text = event.target.value.trim().toLowerCase();
  arrange();
});

byId("panel-filter").addEventListener("input", filterReadings);
byId("panel-close").addEventListener("click", closePanel);

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === "Escape" && panel.name !== null && !(typing && event.target.value)) closePanel();
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("filter").focus();
  }
});

window.addEventListener("hashchange", followFragment);
setInterval(() => { for (const device of devices.values()) device.paint(); }, 1000);

byId("fleet").hidden = true;
followFragment();
connect();
