"use strict";
// Any two models layer by layer: a chart and a table, made from the compact JSON in the page.

const LAYER_ROWS = 400;  // rows of the table that are made at once
const DTYPES = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb"];  // Tol

async function layerData() {
  const holder = document.getElementById("layer-data");
  const text = holder.textContent;
  return JSON.parse(holder.dataset.packed === undefined ? text : await unpacked(text));
}

function layersOf(data, model) {
  const { rows, values } = data.models[model];
  return rows.map((position) => {
    const [name, type, shape, dtype, folds, parameters, macs, bytes, zeros] = data.rows[position];
    const measured = data.measured.map((_, n) => values[n]?.[name] ?? null);
    return {
      name: data.names[name], type: data.names[type], shape: data.names[shape], dtype: data.names[dtype],
      folds: folds < 0 ? null : data.names[folds], parameters, macs, bytes,
      sparsity: zeros < 0 || !parameters ? null : zeros / parameters, measured,
    };
  });
}

/** Rows of both models by the layer's name, in the order of the first, then what is new. */
function compared(data, before, after) {
  const one = layersOf(data, before), other = layersOf(data, after);
  const later = new Map(other.map((layer) => [layer.name, layer]));
  const earlier = new Set(one.map((layer) => layer.name));
  return [
    ...one.map((layer) => ({ before: layer, after: later.get(layer.name) ?? null })),
    ...other.filter((layer) => !earlier.has(layer.name)).map((layer) => ({ before: null, after: layer })),
  ];
}

function fate({ before, after }) {
  if (!before) return "new";
  if (!after) return before.folds ? `folded into ${before.folds}` : "gone";
  return ["shape", "dtype", "parameters", "macs", "bytes"].some((k) => before[k] !== after[k]) ? "changed" : "same";
}

const whole = (value) => value.toLocaleString("en");
const percent = (value) => `${(value * 100).toFixed(1)}\u00a0%`;
const COLUMNS = [
  ["Type", "type", String], ["Weight", "shape", String, "n"], ["Data type", "dtype", String],
  ["Parameters", "parameters", whole, "n"], ["Multiply-adds", "macs", whole, "n"],
  ["Bytes", "bytes", whole, "n"], ["Sparsity", "sparsity", percent, "n"],
];

function layerCell({ before, after }, key, write, right) {
  const value = (layer) => (layer === null || layer[key] === null ? "—" : write(layer[key]));
  const cell = make("td", { class: right });
  const one = value(before), other = value(after);
  const textual = write === String;
  if (!before || !after) cell.append(textual ? value(before ?? after) : `${one} → ${other}`);
  else if (one === other) cell.append(one);
  else cell.append(make("span", { class: "old" }, one), " ", make("span", { class: "arrow" }, "→"), " ", make("span", { class: "new" }, other));
  if (!textual) cell.dataset.order = after?.[key] ?? (key === "sparsity" ? "" : 0);
  return cell;
}

/** All layers of a model together, as one. */
function together(layers) {
  const sum = (key) => layers.reduce((total, layer) => total + layer[key], 0);
  const parameters = sum("parameters");
  const known = layers.every((layer) => layer.sparsity !== null || !layer.parameters);
  const zeros = layers.reduce((total, layer) => total + (layer.sparsity ?? 0) * layer.parameters, 0);
  const sparsity = known && parameters ? zeros / parameters : null;
  return { type: "", shape: "", dtype: "", parameters, macs: sum("macs"), bytes: sum("bytes"), sparsity };
}

function layerTable(data, rows, names) {
  const measured = data.measured.map(([label, unit], n) => [label, unit, n]).filter(
    ([, , n]) => rows.some((r) => r.after?.measured[n] !== null && r.after !== null));
  const head = make("tr", {}, make("th", { scope: "col" }, "Layer"),
    ...COLUMNS.map(([title, , , right]) => make("th", { scope: "col", class: right }, title)),
    ...measured.map(([label]) => make("th", { scope: "col", class: "n" }, label)));
  const body = make("tbody");
  const row = (pair, n) => {
    const left = fate(pair), kept = left === "changed" || left === "same";
    const title = make("th", { scope: "row", "data-order": n }, make("bdi", {}, (pair.before ?? pair.after).name));
    if (!kept) title.append(" ", make("span", { class: "form" }, left));
    return make("tr", { class: kept ? "kept" : "left" }, title,
      ...COLUMNS.map(([, key, write, right]) => layerCell(pair, key, write, right)),
      ...measured.map(([, unit, n]) => {
        const value = pair.after?.measured[n] ?? null;
        return make("td", { class: "n", "data-order": value ?? "" }, value === null ? "—" : written(value, unit));
      }));
  };
  body.append(...rows.slice(0, LAYER_ROWS).map(row));
  const all = { before: together(rows.map((r) => r.before).filter(Boolean)), after: together(rows.map((r) => r.after).filter(Boolean)) };
  const total = make("tr", {}, make("th", { scope: "row" }, "all layers"),
    ...COLUMNS.map(([, key, write, right]) => layerCell(all, key, write, right)), ...measured.map(() => make("td")));
  const table = make("table", { class: "sortable layers" },
    make("caption", {}, make("span", {}, `Each layer of ${names[0]} and what became of it in ${names[1]}`)),
    make("thead", {}, head), body, make("tfoot", {}, total));
  const parts = [make("div", { class: "scroll", role: "group", "aria-label": "Layers", tabindex: 0 }, table)];
  if (rows.length > LAYER_ROWS) {
    const more = make("button", { type: "button", class: "more" }, `Show all ${whole(rows.length)} layers`);
    more.addEventListener("click", () => {
      body.append(...rows.slice(LAYER_ROWS).map((pair, n) => row(pair, n + LAYER_ROWS)));
      more.remove();
    });
    parts.push(more);
  }
  return parts;
}

/** Before as an outline, after filled in the colour of its data type. */
function layerChart(rows, quantity, width) {
  const value = (layer) => (layer === null ? null : quantity.of(layer));
  const kept = rows.map((pair, n) => ({ n, pair, name: (pair.before ?? pair.after).name, one: quantity.after ? null : value(pair.before), other: value(pair.after) }))
    .filter((r) => (r.one ?? 0) !== 0 || (r.other ?? 0) !== 0);
  if (!kept.length) return make("p", { class: "none" }, "Nothing to draw: it is zero, or unknown, in every layer.");
  const types = [...new Set(kept.map((r) => r.pair.after?.dtype).filter(Boolean))];
  const colour = (r) => DTYPES[types.indexOf(r.pair.after?.dtype) % DTYPES.length] ?? SOFT;
  const each = kept.length <= 60 ? 18 : Math.max(3, Math.floor(1100 / kept.length));
  const left = each < 10 ? 12 : Math.min(Math.max(...kept.map((r) => textWidth(r.name))) + 8, width * 0.34, 240);
  const at = new Map(kept.map((r, n) => [r, n]));
  const high = Math.max(...kept.map((r) => Math.max(r.one ?? 0, r.other ?? 0)));
  const low = Math.min(0, ...kept.map((r) => Math.min(r.one ?? 0, r.other ?? 0)));
  const say = (layer) => (layer === null || quantity.of(layer) === null ? "—" : written(quantity.of(layer), quantity.unit));
  const tip = (r) => [r.name, `${quantity.label}: ${quantity.after ? "" : `${say(r.pair.before)} → `}${say(r.pair.after)}`,
    [r.pair.before, r.pair.after].map((l) => (l ? `${l.type} ${l.shape} ${l.dtype}` : "—")).join(" → "), fate(r.pair)].join("\n");
  const inset = each >= 10 ? 1 : 0;
  const svg = plotted({
    width, height: kept.length * each + 34, marginLeft: left, marginRight: 14, marginTop: 4, marginBottom: 28,
    x: { domain: [low, high] }, y: { type: "band", domain: kept.map((r) => at.get(r)), padding: each >= 10 ? 0.1 : 0 },
    marks: [
      Plot.gridX({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({ ticks: 5, tickSize: 0, label: null, fill: SOFT, tickFormat: spaced(quantity.unit, (x) => ((x - low) / (high - low || 1)) * (width - left - 14)) }),
      each >= 10 && Plot.axisY({ tickSize: 0, label: null, fill: INK, tickFormat: (n) => fit(kept[n].name, left - 8) }),
      Plot.barX(kept.filter((r) => r.other !== null), { x1: 0, x2: "other", y: (r) => at.get(r), fill: colour, insetTop: inset * 3, insetBottom: inset * 3 }),
      Plot.barX(kept.filter((r) => r.one !== null), { x1: 0, x2: "one", y: (r) => at.get(r), fill: "none", stroke: SOFT, strokeWidth: 1, insetTop: inset, insetBottom: inset }),
      Plot.tip(kept, Plot.pointerY({ x: (r) => Math.max(r.one ?? 0, r.other ?? 0), y: (r) => at.get(r), title: tip, lineWidth: 30, lineHeight: 1.3, fontSize: 12 })),
    ],
  });
  const entries = types.map((type, n) => { const patch = make("span", { class: "patch" }); patch.style.background = DTYPES[n % DTYPES.length]; return make("span", { class: "entry" }, patch, type); });
  if (!quantity.after) entries.unshift(make("span", { class: "entry" }, make("span", { class: "patch" }), "before"));
  return [svg, make("div", { class: "key" }, ...entries)];
}

async function layerExplorer(place) {
  const data = await layerData();
  const quantities = [
    { label: "Bytes", unit: "bytes", of: (l) => l.bytes },
    { label: "Parameters", unit: "1", of: (l) => l.parameters },
    { label: "Multiply-adds", unit: "1", of: (l) => l.macs },
    { label: "Sparsity", unit: "share", of: (l) => l.sparsity },
    ...data.measured.map(([label, unit], n) => ({ label, unit, after: true, of: (l) => l.measured[n] })),
  ];
  const choice = (label, options, chosen) => {
    const select = make("select", {}, ...options.map((text, n) => make("option", { value: n }, text)));
    select.value = chosen;
    return [make("label", {}, `${label} `, select), select];
  };
  const stages = data.models.map((m) => m.stage);
  const [one, before] = choice("Before", stages, data.before);
  const [two, after] = choice("After", stages, data.after);
  const [three, shown] = choice("Chart", quantities.map((q) => q.label), 0);
  const chart = make("div", { class: "plot", role: "img" }), table = make("div", {});
  const details = make("details", {}, make("summary", {}, "Table of the layers"), table);
  details.open = data.models[data.after].rows.length <= 60;
  place.replaceChildren(make("div", { class: "choices" }, one, two, three), chart, details);
  let rows = [];
  const fill = () => {
    if (!details.open) return;
    table.replaceChildren(...layerTable(data, rows, [stages[before.value], stages[after.value]]));
    sortable(table);
  };
  const draw = () => {
    const quantity = quantities[shown.value];
    chart.setAttribute("aria-label", `${quantity.label} of each layer of ${stages[before.value]} and ${stages[after.value]}; the table below has the values`);
    if (chart.clientWidth < 100) return;  // hidden; the observer below sees it come back
    chart.replaceChildren(...[layerChart(rows, quantity, Math.floor(chart.clientWidth))].flat());
  };
  const renew = () => { rows = compared(data, Number(before.value), Number(after.value)); draw(); fill(); };
  before.addEventListener("change", renew);
  after.addEventListener("change", renew);
  shown.addEventListener("change", draw);
  details.addEventListener("toggle", fill);
  renew();
  let width = chart.clientWidth;
  new ResizeObserver(() => { if (chart.clientWidth && chart.clientWidth !== width) { width = chart.clientWidth; draw(); } }).observe(chart);
}

const layerPlace = document.getElementById("layer-explorer");
if (layerPlace) {
  const start = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    start.disconnect();
    layerExplorer(layerPlace);
  }, { rootMargin: "800px" });
  start.observe(layerPlace);
}
