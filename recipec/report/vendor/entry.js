// The marks that report's charts are made of, and the layout of its graph; nothing else is bundled.
import {
  axisX, axisY, barX, dot, gridX, gridY, plot, pointer, pointerY, ruleX, ruleY, text, tickX, tip,
} from "@observablehq/plot";
import { graphlib, layout } from "@dagrejs/dagre";

globalThis.recipecCharts = {
  Plot: {
    axisX, axisY, barX, dot, gridX, gridY, plot, pointer, pointerY, ruleX, ruleY, text, tickX, tip,
  },
  graphlib,
  layout,
};
