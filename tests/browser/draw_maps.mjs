// Draws web maps in Debian's Chromium, as Leaflet and MapLibre draw them, and saves their pictures.
// usage: node draw_maps.mjs JOBS.json     prints, for each job, where its marks stand in pixels
// A job: {out, library, width, height, scale, zoom, centre, streets, blocks, labels, dots, style}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const text = (name) => readFileSync(require.resolve(name), "utf8");
const icon = (name) => "data:image/png;base64," +
  readFileSync(require.resolve(`leaflet/dist/images/${name}`)).toString("base64");
const icons = { iconUrl: icon("marker-icon.png"), iconRetinaUrl: icon("marker-icon-2x.png"),
  shadowUrl: icon("marker-shadow.png") };

// Runs in the page: streets and blocks, then marks, then names above or below them.
function leaflet(job, icons) {
  const map = L.map("map", { zoomSnap: 0, maxZoom: 22, zoomAnimation: false, fadeAnimation: false,
    preferCanvas: job.style.canvas ?? false });
  L.control.scale().addTo(map);
  map.setView(job.centre, job.zoom, { animate: false });
  map.createPane("ground").style.zIndex = 250;
  const ground = L.canvas({ pane: "ground", padding: 0 });
  const look = { renderer: ground, pane: "ground", interactive: false };
  for (const block of job.blocks) {
    L.polygon(block, { ...look, weight: 1, color: "#c8c0b8", fillColor: "#d9d0c9", fillOpacity: 1 }).addTo(map);
  }
  for (const [color, wider] of [["#bbb", 2], ["#fff", 0]]) {
    for (const street of job.streets) {
      L.polyline(street.line, { ...look, color: street.main && !wider ? "#f7c48d" : color,
        weight: street.width + wider }).addTo(map);
    }
  }
  const { kind, options } = job.style, marks = [];
  const parent = kind === "cluster" ? L.markerClusterGroup({ animate: false, ...options }) : map;
  for (const dot of job.dots) {
    const at = [dot.lat, dot.lon];
    const mark = kind === "circle"
      ? L.circleMarker(at, { ...options, fillColor: dot.colour, color: options.color ?? dot.colour })
      : L.marker(at, { icon: new L.Icon.Default({ ...icons, imagePath: "" }) });
    marks.push(mark);
    if (parent !== map) parent.addLayer(mark); else mark.addTo(map);
  }
  if (parent !== map) parent.addTo(map);
  if (job.style.legend) {
    const legend = L.control({ position: "bottomright" });
    legend.onAdd = () => {
      const box = L.DomUtil.create("div");
      box.style = "background:#fff;padding:8px;border-radius:4px;font:12px sans-serif";
      box.innerHTML = job.style.legend.map(([colour, word]) => "<div><span style='display:inline-block;" +
        `width:12px;height:12px;border-radius:6px;background:${colour}'></span> ${word}</div>`).join("");
      return box;
    };
    legend.addTo(map);
  }
  const place = (at) => { const p = map.latLngToContainerPoint(at); return [p.x, p.y]; };
  const bubbles = [];
  if (parent !== map) {
    const seen = new Set();
    marks.forEach((mark) => { const top = parent.getVisibleParent(mark);
      if (top && top !== mark && !seen.has(top)) { seen.add(top);
        bubbles.push([...place(top.getLatLng()), top.getChildCount()]); } });
  }
  return { dots: job.dots.map((dot) => place([dot.lat, dot.lon])), bubbles,
    single: parent === map ? null : marks.map((mark) => parent.getVisibleParent(mark) === mark) };
}

function maplibre(job) {
  const line = (at) => ({ type: "Feature", properties: {}, geometry: at });
  const turned = (all) => all.map(([lat, lon]) => [lon, lat]);
  const map = new maplibregl.Map({ container: "map", attributionControl: false, interactive: false,
    fadeDuration: 0, canvasContextAttributes: { preserveDrawingBuffer: true },
    center: [job.centre[1], job.centre[0]], zoom: job.zoom - 1,  // its tiles are of 512 pixels
    style: { version: 8, sources: {}, layers: [
      { id: "sky", type: "background", paint: { "background-color": "#f8f4f0" } }] } });
  const { options } = job.style;
  return new Promise((done) => map.on("load", () => {
    const add = (id, type, features, paint) => {
      map.addSource(id, { type: "geojson", data: { type: "FeatureCollection", features } });
      map.addLayer({ id, type, source: id, paint });
    };
    add("blocks", "fill", job.blocks.map((b) => line({ type: "Polygon", coordinates: [turned([...b, b[0]])] })),
      { "fill-color": "#e0d8ce" });
    const streets = job.streets.map((s) => line({ type: "LineString", coordinates: turned(s.line) }));
    add("casing", "line", streets, { "line-color": "#cfcdca", "line-width": 7 });
    add("streets", "line", streets, { "line-color": "#fff", "line-width": 5 });
    const dots = job.dots.map((dot) => ({ ...line({ type: "Point", coordinates: [dot.lon, dot.lat] }),
      properties: { colour: dot.colour } }));
    add("dots", "circle", dots, { "circle-color": ["get", "colour"], "circle-radius": options.radius,
      "circle-opacity": options.fillOpacity ?? 1, "circle-stroke-width": options.weight ?? 0,
      "circle-stroke-color": options.color ?? "#fff" });
    map.once("idle", () => done({ bubbles: [], single: null,
      dots: job.dots.map((dot) => { const p = map.project([dot.lon, dot.lat]); return [p.x, p.y]; }) }));
  }));
}

// Names along streets, with a halo, on a canvas of their own: above the marks or below them.
function names(job, where) {
  const canvas = document.createElement("canvas");
  canvas.width = job.width * job.scale; canvas.height = job.height * job.scale;
  canvas.style = `position:absolute;left:0;top:0;width:${job.width}px;height:${job.height}px;` +
    `pointer-events:none;z-index:${where === "above" ? 690 : 260}`;
  (document.querySelector(".leaflet-map-pane") ? document.getElementById("map") : document.body).append(canvas);
  if (where === "below") document.querySelector(".leaflet-map-pane").append(canvas);
  const pen = canvas.getContext("2d");
  pen.scale(job.scale, job.scale);
  for (const { word, x, y, turn, size } of job.labels) {
    pen.save(); pen.translate(x, y); pen.rotate(turn);
    pen.font = `${size}px sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.lineWidth = 3; pen.lineJoin = "round"; pen.strokeStyle = "rgba(255,255,255,.85)";
    pen.strokeText(word, 0, 0); pen.fillStyle = "#333"; pen.fillText(word, 0, 0);
    pen.restore();
  }
}

const jobs = JSON.parse(readFileSync(process.argv[2], "utf8"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});
const told = [];
for (const job of jobs) {
  const context = await browser.newContext({
    viewport: { width: job.width, height: job.height }, deviceScaleFactor: job.scale });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  await page.setContent("<style>body{margin:0}#map{background:#f2efe9;position:relative;" +
    `width:${job.width}px;height:${job.height}px}</style><div id=map></div>`);
  const draw = job.library === "maplibre" ? maplibre : leaflet;
  if (draw === maplibre) {
    await page.addScriptTag({ content: text("maplibre-gl/dist/maplibre-gl.js") });
  } else {
    for (const css of ["leaflet/dist/leaflet.css", "leaflet.markercluster/dist/MarkerCluster.css",
      "leaflet.markercluster/dist/MarkerCluster.Default.css"]) await page.addStyleTag({ content: text(css) });
    await page.addScriptTag({ content: text("leaflet/dist/leaflet.js") });
    await page.addScriptTag({ content: text("leaflet.markercluster/dist/leaflet.markercluster.js") });
  }
  const found = await page.evaluate(`(${draw})(${JSON.stringify(job)}, ${JSON.stringify(icons)})`);
  if (job.names) await page.evaluate(`(${names})(${JSON.stringify(job)}, "${job.names}")`);
  await page.screenshot({ path: job.out });
  told.push(found);
  await context.close();
}
await browser.close();
console.log(JSON.stringify(told));
