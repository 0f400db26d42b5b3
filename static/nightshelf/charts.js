// Draws `canvas[data-chart]` (pages/time_chart.py) with the theme's Chart.js. Beneath each the figures are a table.
"use strict";

(() => {
  const drawn = new Map();

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function written(value, unit) {
    if (value === null || value === undefined) {
      return "–";
    }
    if (unit === "s") {
      return seconds(value);
    }
    if (unit === "bytes") {
      return bytes(value);
    }
    const text = Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-GB") : String(Number(value.toPrecision(3)));
    return unit === "%" ? `${text} %` : unit === "/s" ? `${text}/s` : text;
  }

  function seconds(value) {
    if (value > 0 && value < 0.1) {
      return `${Number((1000 * value).toPrecision(3))} ms`;
    }
    if (value < 60) {
      return `${Number(value.toPrecision(3))} s`;
    }
    return value < 3600 ? `${Number((value / 60).toPrecision(3))} min` : `${Number((value / 3600).toPrecision(3))} h`;
  }

  function bytes(value) {
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return `${Number(value.toPrecision(3))} ${units[unit]}`;
  }

  // The last step is not over yet: the way to it is dashed, its bar is pale.
  function line(its, chart) {
    const last = its.values.length - 1;
    const shade = color(its.color);
    const alone = (at) => its.values[at] !== null && (its.values[at - 1] ?? null) === null && (its.values[at + 1] ?? null) === null;
    return {
      label: its.label,
      data: its.values,
      borderColor: shade,
      backgroundColor: chart.bars ? its.values.map((_, at) => (at === last ? `${shade}77` : shade)) : shade,
      borderWidth: chart.bars ? 0 : 2,
      borderRadius: 2,
      maxBarThickness: 26,
      pointRadius: its.values.map((_, at) => (alone(at) ? 3 : 0)),
      pointHitRadius: 8,
      spanGaps: false,
      segment: { borderDash: (context) => (context.p1DataIndex === last ? [3, 4] : undefined) },
    };
  }

  function target(its, length) {
    const shade = color("--ns-target");
    return {
      type: "line", label: its.label, data: Array(length).fill(its.value), borderColor: shade, backgroundColor: shade,
      borderWidth: 1, borderDash: [6, 4], pointRadius: 0, pointHitRadius: 0,
    };
  }

  function options(chart) {
    const quiet = color("--ns-quiet");
    const lines = { usePointStyle: true, pointStyle: "line", pointStyleWidth: 18 };
    const labels = { boxWidth: 10, boxHeight: 10, color: quiet, ...(chart.bars ? {} : lines) };
    const several = chart.lines.length + chart.targets.length > 1;
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: several, align: "end", labels },
        tooltip: { callbacks: { label: (at) => `${at.dataset.label}: ${written(at.parsed.y, chart.unit)}` } },
      },
      scales: {
        x: { grid: { display: false }, ticks: { color: quiet, maxRotation: 0, autoSkipPadding: 20 } },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: color("--ns-grid") },
          ticks: { color: quiet, maxTicksLimit: 5, callback: (value) => written(value, chart.unit) },
        },
      },
    };
  }

  function draw(canvas) {
    const chart = JSON.parse(canvas.dataset.chart);
    const datasets = [
      ...chart.lines.map((its) => line(its, chart)),
      ...chart.targets.map((its) => target(its, chart.labels.length)),
    ];
    drawn.set(canvas, new Chart(canvas, {
      type: chart.bars ? "bar" : "line", data: { labels: chart.labels, datasets }, options: options(chart),
    }));
  }

  function drawAll() {
    for (const [canvas, chart] of drawn) {
      if (!canvas.isConnected) {
        chart.destroy();
        drawn.delete(canvas);
      }
    }
    for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
      if (!drawn.has(canvas)) {
        draw(canvas);
      }
    }
  }

  function drawAnew() {
    for (const chart of drawn.values()) {
      chart.destroy();
    }
    drawn.clear();
    drawAll();
  }

  window.addEventListener("load", () => {
    let dark = document.documentElement.classList.contains("dark");
    drawAll();
    // Chart.js paints colours, not variables: another theme is another picture.
    new MutationObserver(() => {
      const now = document.documentElement.classList.contains("dark");
      if (now !== dark) {
        dark = now;
        drawAnew();
      }
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  });
  document.addEventListener("htmx:afterSettle", drawAll);
})();
