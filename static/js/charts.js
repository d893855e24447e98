// Charts beside their tables. The figures come with the page as the very texts the tables show; without script, or
// where the library does not load, the tables stand alone.

const figures = JSON.parse(document.getElementById("chart-figures")?.textContent ?? "[]");
const style = getComputedStyle(document.documentElement);
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const colour = (name) => style.getPropertyValue(`--${name}`).trim();
// Lines differ in mark and stroke as well as in colour.
const MARKS = [
  { symbol: "circle", type: "solid", colour: "brand", width: 3 },
  { symbol: "rect", type: "dashed", colour: "ink", width: 2 },
  { symbol: "triangle", type: "dotted", colour: "ok-ink", width: 1.5 },
  { symbol: "diamond", type: "dotted", colour: "soon-ink", width: 1.5 },
];
const BAR = 30;
const ROOM = 24;
const number = (text) => (text === null ? null : Number(text));

function letters(place) {
  const own = getComputedStyle(place);
  return { color: colour("ink"), fontFamily: own.fontFamily, fontSize: Number.parseFloat(own.fontSize) || 14 };
}

function tones(chart, series, at) {
  const tone = series.tone ?? chart.tones?.[at] ?? "brand";
  // Beside a full one, a hollow bar is told apart without its colour.
  if (tone === "hollow") return { color: colour("paper"), borderColor: colour("brand"), borderWidth: 1.5, borderRadius: 2 };
  return { color: colour(tone === "brand" ? "brand" : `${tone}-ink`), borderRadius: 2 };
}

function bars(chart, place, flat) {
  const text = letters(place);
  const many = chart.series.length > 1;
  const names = { type: "category", data: chart.labels, inverse: flat, axisTick: { show: false }, axisLabel: { ...text } };
  const figuresAxis = { type: "value", minInterval: 1, axisLabel: { ...text }, splitLine: { lineStyle: { color: colour("line") } } };
  if (flat) {
    const width = Math.min(200, place.clientWidth / 3);
    names.axisLabel = { ...text, width, overflow: "truncate" };
  }
  if (chart.full) figuresAxis.max = (range) => Math.max(chart.full, Math.ceil(range.max / 10) * 10);
  return {
    xAxis: flat ? figuresAxis : names,
    yAxis: flat ? names : figuresAxis,
    series: chart.series.map((series) => ({
      type: "bar",
      name: series.name,
      barMaxWidth: many ? (flat ? 12 : 28) : flat ? 18 : 64,
      barGap: 0,
      data: series.values.map((value, at) => ({ value: number(value), itemStyle: tones(chart, series, at) })),
      label: {
        // Figures stand on the bars where there is room for them; the table has them all.
        show: flat || chart.labels.length * chart.series.length <= ROOM,
        position: flat ? "right" : "top",
        ...text,
        formatter: (point) => (many && !point.value ? "" : String(series.values[point.dataIndex])),
      },
    })),
  };
}

function lines(chart, place) {
  const text = letters(place);
  return {
    xAxis: { type: "category", data: chart.labels, axisTick: { show: false }, axisLabel: { ...text } },
    yAxis: { type: "value", scale: true, axisLabel: { ...text }, splitLine: { lineStyle: { color: colour("line") } } },
    series: chart.series.map((series, at) => {
      const mark = MARKS[at % MARKS.length];
      return {
        type: "line",
        name: series.name,
        symbol: mark.symbol,
        symbolSize: 9,
        connectNulls: false,
        itemStyle: { color: colour(mark.colour) },
        lineStyle: { color: colour(mark.colour), type: mark.type, width: mark.width },
        label: { show: at === 0, ...text, position: "bottom", distance: 8, formatter: (point) => String(series.values[point.dataIndex]) },
        data: series.values.map(number),
      };
    }),
  };
}

function draw(echarts, chart, place) {
  place.hidden = false;
  const flat = chart.form === "bars";
  if (flat) place.style.height = `${chart.labels.length * BAR * (chart.series.length > 1 ? 1.2 : 1) + 60}px`;
  const drawn = echarts.init(place);
  const made = chart.form === "lines" ? lines(chart, place) : bars(chart, place, flat);
  drawn.setOption({
    animation: !still,
    animationDuration: 400,
    grid: { left: 8, right: flat ? 64 : 24, top: 28, bottom: 8, containLabel: true },
    ...made,
  });
  new ResizeObserver(() => drawn.resize()).observe(place);
}

const places = [...document.querySelectorAll("[data-chart]")];
if (places.length && figures.length) {
  try {
    await import(places[0].dataset.library);
    for (const place of places) {
      const chart = figures.find((one) => one.name === place.dataset.chart);
      if (chart?.labels.length) draw(window.echarts, chart, place);
    }
  } catch {
    for (const place of places) place.hidden = true;
  }
}
