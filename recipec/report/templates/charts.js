"use strict";
// Charts over the stages and of all models, from the JSON in the page. Colours are the page's own
// variables, so that charts follow it into dark mode and onto paper.

const { Plot } = recipecCharts;
const chartData = JSON.parse(document.getElementById("chart-data").textContent);
const INK = "var(--ink)", SOFT = "var(--soft)";
const LOOKS = { baseline: "var(--base)", plain: "var(--bar)", good: "var(--good)", bad: "var(--bad)" };

const measuring = document.createElement("canvas").getContext("2d");
function textWidth(text, size = 12) {
  measuring.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return measuring.measureText(text).width;
}

/** Cut text to a width in its middle, as names often differ at their end. */
function fit(text, width, size = 12) {
  if (textWidth(text, size) <= width) return text;  // the canvas knows how wide any script is
  const characters = [...text];
  const cut = (kept) => {
    const head = Math.ceil(kept * 0.55);
    return characters.slice(0, head).join("").trimEnd() + "…" + characters.slice(characters.length - kept + head).join("");
  };
  let low = 0, high = characters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(cut(middle), size) <= width) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

/** Write ticks, but for those that would touch the one before; `place` is where a value stands. */
function spaced(unit, place) {
  let end = -Infinity;
  return (value) => {
    const text = written(value, unit), half = textWidth(text) / 2, at = place(value);
    if (at - half < end + 8) return "";
    end = at + half;
    return text;
  };
}

function significant(value, digits = 3) {
  return Number(value.toPrecision(digits)).toLocaleString("en", { maximumSignificantDigits: digits });
}

function scaled(value, units) {
  let power = 0;
  while (Math.abs(value) >= 999.5 && power < units.length - 1) [value, power] = [value / 1000, power + 1];
  return `${significant(value)}\u00a0${units[power]}`.trim();
}

/** Write a value on an axis, as the tables write it. */
function written(value, unit) {
  if (unit === "bytes") return scaled(value, ["B", "kB", "MB", "GB", "TB"]);
  if (unit === "share") return `${significant(value * 100, 4)}\u00a0%`;
  if (unit === "1/s") return `${scaled(value, ["", "k", "M", "G"])}\u00a0/s`;
  if (unit !== "s") return scaled(value, ["", "k", "M", "G", "T"]);
  if (value >= 120) return `${significant(value / 60)}\u00a0min`;
  if (value >= 1 || value === 0) return `${significant(value)}\u00a0s`;
  return value >= 1e-3 ? `${significant(value * 1e3)}\u00a0ms` : `${significant(value * 1e6)}\u00a0µs`;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function plotted({ marks, ...options }) {
  const svg = Plot.plot({
    style: { fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
    color: { type: "identity" },
    ...options,
    marks: marks.filter(Boolean),
  });
  // The chart as a whole has a name, and a table; its parts have no role that a name could go with.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  return svg;
}

/** Bars (or dots with intervals) over the stages, each with its change from the stage before. */
function waterfall(chart, width) {
  const { axis, style } = chart;
  const left = Math.min(Math.max(...chart.steps.map((s) => textWidth(s.stage)), 20) + 8, width * 0.42, 200);
  const said = chart.steps.filter((s) => s.at !== null).map((s) => textWidth(s.value));
  const right = Math.max(...said, 20) + 12;
  const steps = chart.steps.map((step, row) => ({
    ...step,
    row,
    off: step.at !== null && step.at < axis.low,
    colour: LOOKS[step.look],
    change: step.look === "baseline" ? LOOKS.plain : LOOKS[step.look],
    x: step.at === null ? axis.low : clamp(step.at, axis.low, axis.high),
    from: step.before === null ? null : clamp(step.before, axis.low, axis.high),
  }));
  const there = steps.filter((s) => s.at !== null), missing = steps.filter((s) => s.at === null);
  const on = there.filter((s) => !s.off);
  const moved = on.filter((s) => s.from !== null && s.from !== s.x);
  const ranged = on.filter((s) => s.low !== null);
  const bars = style === "bars";
  const marks = [
    Plot.gridX({ ticks: 4, stroke: "var(--line)", strokeOpacity: 1 }),
    Plot.axisX({ ticks: 4, tickSize: 0, label: null, fill: SOFT, tickFormat: spaced(axis.unit, (x) => ((x - axis.low) / (axis.high - axis.low)) * (width - left - right)) }),
    Plot.axisY({ tickSize: 0, label: null, fill: INK, tickFormat: (row) => fit(steps[row].stage, left - 8) }),
    bars && Plot.barX(on, { x1: () => axis.low, x2: "x", y: "row", fill: (s) => (s.look === "baseline" ? LOOKS.baseline : LOOKS.plain), insetTop: 2, insetBottom: 2, rx: 2 }),
    Plot.barX(moved, { x1: "from", x2: "x", y: "row", fill: "change", fillOpacity: (s) => (s.x > s.from && bars ? 0.85 : 0.28), insetTop: bars ? 2 : 7, insetBottom: bars ? 2 : 7 }),
    Plot.tickX(moved, { x: "from", y: "row", stroke: INK, strokeOpacity: 0.55, strokeDasharray: "2 2" }),
    Plot.ruleY(ranged, { x1: (s) => clamp(s.low, axis.low, axis.high), x2: (s) => clamp(s.high, axis.low, axis.high), y: "row", stroke: bars ? INK : "colour", strokeWidth: bars ? 1.5 : 2.5, strokeOpacity: 0.9 }),
    !bars && Plot.dot(on, { x: "x", y: "row", r: 4.5, fill: "colour", stroke: "var(--card)" }),
    Plot.text(there.filter((s) => s.off), { x: "x", y: "row", text: () => "◂", textAnchor: "start", dx: 3, fill: "colour", fontSize: 14 }),
    Plot.text(there, { y: "row", frameAnchor: "right", textAnchor: "end", dx: right, text: "value", fill: INK }),
    Plot.text(missing, { y: "row", frameAnchor: "left", textAnchor: "start", dx: 4, text: (s) => fit(s.value, width - left - 8), fill: SOFT, fontStyle: "italic" }),
    Plot.tip(steps, { x: "x", y: "row", ...Plot.pointerY({ x: "x", y: "row" }), title: "tip", textOverflow: "ellipsis-end", lineWidth: 28, lineHeight: 1.3, fontSize: 12 }),
  ];
  return plotted({
    width,
    height: steps.length * 24 + 30,
    marginLeft: left,
    marginRight: right,
    marginTop: 4,
    marginBottom: 26,
    x: { domain: [axis.low, axis.high] },
    y: { type: "band", domain: steps.map((s) => s.row), padding: 0.12 },
    marks,
  });
}

const HEAT = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"];  // viridis: read in any vision

/** Places for labels beside points, best points first, so that no two overlap. */
function labelled(points, place, [left, width, height]) {
  const taken = points.map((p) => { const [x, y] = place(p); return [x - 7, y - 7, x + 7, y + 7]; });
  const found = [];
  // Of many only those are named that matter; the others say their name when pointed at.
  const named = points.length > 30 ? points.filter((p) => p.front || p.look === "baseline") : points;
  const rank = (p) => (p.look === "baseline" ? 0 : p.front && p.look === "output" ? 1 : p.front ? 2 : p.look === "output" ? 3 : 4);
  for (const point of [...named].sort((a, b) => rank(a) - rank(b))) {
    const [x, y] = place(point), label = fit(point.name, 190, 11.5), wide = textWidth(label, 11.5);
    for (const [dx, dy, anchor] of [[0, -15, "middle"], [12, 0, "start"], [-12, 0, "end"], [0, 16, "middle"], [10, -13, "start"], [-10, -13, "end"], [10, 14, "start"], [-10, 14, "end"]]) {
      const begin = x + dx - (anchor === "middle" ? wide / 2 : anchor === "end" ? wide : 0);
      const box = [begin, y + dy - 7, begin + wide, y + dy + 7];
      if (box[0] < left || box[2] > width || box[1] < 0 || box[3] > height) continue;
      if (taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3])) continue;
      taken.push(box);
      found.push({ point, label, dx, dy, anchor });
      break;
    }
  }
  return found;
}

/** Two quantities against each other, the third as colour: `view` says which is which. */
function scatter(chart, width, view) {
  const [ax, ay, ah] = view.map((n) => chart.axes[n]);
  const height = clamp(width * 0.62, 260, 420), left = 58, right = 18, top = 30, bottom = 42, inset = 14;
  const points = chart.points.filter((p) => p.values[view[0]] !== null).map((p) => {
    const [x, y, heat] = view.map((n) => p.values[n]);
    return { ...p, x, y: clamp(y, ay.low, ay.high), below: y < ay.low, heat: heat ?? null };
  });
  const heats = points.map((p) => p.heat).filter((h) => h !== null && h !== undefined);
  const steps = thresholds(heats);
  const colour = (p) => (p.heat === null ? "var(--page)" : HEAT[steps.filter((s) => p.heat >= s).length]);
  const scale = (axis, begin, end) => (value) => {
    const f = axis.logarithmic ? Math.log : (v) => v;
    return begin + ((f(value) - f(axis.low)) / (f(axis.high) - f(axis.low))) * (end - begin);
  };
  const px = scale(ax, left, width - right), py = scale(ay, height - bottom - inset, top);
  const order = { baseline: "square", output: "star", plain: "circle" };
  const tip = (p) => [p.name + (p.look === "plain" ? "" : ` (${p.look})`), ...chart.axes.map((a, n) => `${a.label}: ${p.texts[n]}`), p.front ? "on the Pareto front" : ""].filter(Boolean).join("\n");
  const labels = labelled(points, (p) => [px(p.x), py(p.y)], [left, width, height]);
  const ticks = Math.max(2, Math.floor((width - left) / 90));
  const svg = plotted({
    width, height, marginLeft: left, marginRight: right, marginTop: top, marginBottom: bottom,
    x: { domain: [ax.low, ax.high], type: ax.logarithmic ? "log" : "linear" },
    y: { domain: [ay.low, ay.high], type: ay.logarithmic ? "log" : "linear", insetBottom: inset },
    symbol: { type: "identity" },
    marks: [
      Plot.gridX({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.gridY({ ticks: 6, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({ ticks, tickSize: 0, fill: SOFT, label: `${ax.label} ${ax.better === "lower" ? "← better" : "better →"}`, labelAnchor: "center", labelArrow: "none", tickFormat: spaced(ax.unit, px) }),
      Plot.axisY({ ticks: 6, tickSize: 0, fill: SOFT, label: `${ay.better === "higher" ? "↑" : "↓"} ${ay.label}`, labelArrow: "none", tickFormat: (v) => written(v, ay.unit) }),
      Plot.dot(points.filter((p) => p.front), { x: "x", y: "y", r: 10, stroke: INK, strokeWidth: 1.6 }),
      Plot.dot(points, { x: "x", y: "y", r: 5.5, fill: colour, stroke: INK, strokeWidth: 1, strokeOpacity: 0.75, symbol: (p) => order[p.look] }),
      Plot.text(points.filter((p) => p.below), { x: "x", y: "y", text: () => "▾", dy: 11, fill: INK }),
      ...labels.map(({ point, label, dx, dy, anchor }) => Plot.text([point], { x: "x", y: "y", text: () => label, dx, dy, textAnchor: anchor, fill: INK, fontSize: 11.5, fontWeight: point.look === "plain" ? 400 : 650 })),
      Plot.tip(points, Plot.pointer({ x: "x", y: "y", title: tip, lineWidth: 28, lineHeight: 1.3, fontSize: 12 })),
    ],
  });
  const parts = [svg];
  if (ah && heats.length) parts.push(key(ah, steps, heats, points));
  return parts;
}

/** Four values that part the others into five groups of equal ratios. */
function thresholds(values) {
  const low = Math.min(...values), high = Math.max(...values);
  if (!(high > low)) return [];
  if (low <= 0) return [1, 2, 3, 4].map((n) => low + ((high - low) * n) / 5);
  return [1, 2, 3, 4].map((n) => low * (high / low) ** (n / 5));
}

function key(axis, steps, values, points) {
  const ends = [Math.min(...values), ...steps, Math.max(...values)].map((v) => written(v, axis.unit));
  const items = (steps.length ? HEAT : HEAT.slice(0, 1)).map((colour, n) => {
    const patch = make("span", { class: "patch" });
    patch.style.background = colour;
    return make("span", { class: "entry" }, patch, steps.length ? `${ends[n]} – ${ends[n + 1]}` : ends[0]);
  });
  if (points.some((p) => p.heat === null)) {
    items.push(make("span", { class: "entry" }, make("span", { class: "patch" }), "not measured"));
  }
  return make("div", { class: "key" }, make("b", {}, axis.label), ...items);
}

// Drawn at once where there is little to draw, else when it comes into view; again when its width
// changes, and when printed.
const drawers = new Map();
function drawn(place, draw) {
  const state = { width: 0 };
  const render = () => {
    const width = Math.floor(place.clientWidth);
    if (width < 100 || width === state.width) return;
    state.width = width;
    place.replaceChildren(...[draw(width)].flat());
  };
  drawers.set(place, render);
  seen.observe(place);
  if (few) render();
}
const few = document.getElementById("chart-data").textContent.length < 100_000;
const resized = new ResizeObserver((entries) => { for (const { target } of entries) drawers.get(target)(); });
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    drawers.get(target)();
    resized.observe(target);
  }
}, { rootMargin: "600px" });
addEventListener("beforeprint", () => { for (const render of drawers.values()) render(); });

for (const place of document.querySelectorAll("[data-chart]")) {
  const [list, position] = place.dataset.chart.split(" ");
  const chart = position === undefined ? chartData[list] : chartData[list][position];
  if (place.dataset.view) drawn(place, (width) => scatter(chart, width, place.dataset.view.split(" ").map(Number)));
  else drawn(place, (width) => waterfall(chart, width));
}
