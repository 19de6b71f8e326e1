"use strict";
// The plan as a graph, laid out by dagre.

function drawGraph(graph, width) {
  const across = width >= 620;
  const g = new recipecCharts.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: across ? "LR" : "TB", nodesep: across ? 10 : 14, ranksep: across ? 38 : 30, marginx: 2, marginy: 2 });
  g.setDefaultEdgeLabel(() => ({}));
  graph.nodes.forEach((node, n) => {
    const name = fit(node.name, 150), operator = fit(node.operator, 150, 10.5);
    const wide = Math.max(textWidth(name) + 4, textWidth(operator, 10.5)) + 20;
    g.setNode(String(n), { ...node, name, operator, whole: node.name, uses: node.operator, width: wide, height: 38 });
  });
  graph.edges.forEach((edge, n) => g.setEdge(String(edge.giver), String(edge.taker), {}, String(n)));
  recipecCharts.layout(g);
  const { width: w, height: h } = g.graph();
  const svg = drawnAs("svg", { viewBox: `0 0 ${w} ${h}`, width: w, height: h, class: "graph" });
  for (const e of g.edges()) {
    const [first, ...rest] = g.edge(e).points;
    const to = g.node(e.w).sort;
    const path = rest.map((p, n) => (n + 1 < rest.length
      ? `Q${p.x},${p.y} ${(p.x + rest[n + 1].x) / 2},${(p.y + rest[n + 1].y) / 2}` : `L${p.x},${p.y}`));
    svg.append(drawnAs("path", { d: `M${first.x},${first.y}${path.join("")}`, class: `edge to-${to}` }));
    const end = rest[rest.length - 1], before = rest[rest.length - 2] ?? first;
    const turn = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
    svg.append(drawnAs("path", { d: "M-6,-3.5L0,0L-6,3.5Z", class: `head to-${to}`, transform: `translate(${end.x},${end.y}) rotate(${turn})` }));
  }
  for (const n of g.nodes()) {
    const node = g.node(n);
    const box = drawnAs("g", { class: `node ${node.sort} ${node.badge ? node.badge.tone : ""}`, transform: `translate(${node.x - node.width / 2},${node.y - node.height / 2})` });
    box.append(
      drawnAs("rect", { width: node.width, height: node.height, rx: node.sort === "data" ? 19 : 5, class: node.output ? "output" : "" }),
      drawnAs("text", { x: node.width / 2, y: 16, class: "name" }, node.name),
      drawnAs("text", { x: node.width / 2, y: 30, class: "uses" }, node.operator),
      drawnAs("title", {}, [node.whole, node.uses, node.badge ? node.badge.word : node.sort, node.output ? "a promised output" : ""].filter(Boolean).join("\n")),
    );
    svg.append(box);
  }
  return svg;
}

function drawnAs(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const graphPlace = document.getElementById("graph-plot");
if (graphPlace) drawn(graphPlace, (width) => drawGraph(chartData.graph, width));
