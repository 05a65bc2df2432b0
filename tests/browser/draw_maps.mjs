// Draws web maps in Debian's Chromium, as Leaflet and MapLibre draw them, and saves their pictures.
// usage: node draw_maps.mjs JOBS.json     prints, for each job, where its marks stand in pixels
// A job: {out, library, width, height, scale, zoom, centre, streets, blocks, parks, water, labels, theme, dots,
// style}. Marks: circle, icon (Leaflet's own, recoloured), pin (a teardrop, or MapLibre's own), cluster.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const text = (name) => readFileSync(require.resolve(name), "utf8");
const icon = (name) => "data:image/png;base64," +
  readFileSync(require.resolve(`leaflet/dist/images/${name}`)).toString("base64");
const icons = { iconUrl: icon("marker-icon.png"), iconRetinaUrl: icon("marker-icon-2x.png"),
  shadowUrl: icon("marker-shadow.png") };

// Runs in the page: parks, water, blocks and streets, then marks, then names above or below them.
function leaflet(job, icons) {
  const map = L.map("map", { zoomSnap: 0, maxZoom: 22, zoomAnimation: false, fadeAnimation: false,
    preferCanvas: job.style.canvas ?? false });
  L.control.scale().addTo(map);
  map.setView(job.centre, job.zoom, { animate: false });
  map.createPane("ground").style.zIndex = 250;
  const look = { renderer: L.canvas({ pane: "ground", padding: 0 }), pane: "ground", interactive: false };
  const { theme } = job;
  for (const [areas, fillColor] of [[job.parks, theme.park], [job.blocks, theme.block]]) {
    for (const area of areas) L.polygon(area, { ...look, weight: 1, color: theme.edge, fillColor, fillOpacity: 1 }).addTo(map);
  }
  L.polyline(job.water, { ...look, weight: 22, color: theme.water }).addTo(map);
  for (const [color, wider] of [[theme.casing, 2], [theme.street, 0]]) {
    for (const street of job.streets) {
      L.polyline(street.line, { ...look, color: street.main && !wider ? theme.main : color,
        weight: street.width + wider }).addTo(map);
    }
  }
  const { kind, options } = job.style, marks = [];
  // As Leaflet's own icon, and as people recolour it.
  const hues = { red: "hue-rotate(150deg) saturate(1.4)", green: "hue-rotate(270deg)", grey: "grayscale(1)" };
  for (const [hue, filter] of Object.entries(hues)) {
    document.head.insertAdjacentHTML("beforeend", `<style>.leaflet-marker-icon.${hue}{filter:${filter}}</style>`);
  }
  const teardrop = (colour) => L.divIcon({ className: "", iconSize: [27, 43], iconAnchor: [13.5, 42.5],
    html: `<svg width=27 height=43 viewBox="0 0 27 43"><path d="M13.5 .5a13 13 0 0 0-13 13c0 4 2 7 4.5 10.3` +
      `C8.500 28.500 12 32 13 41.500q.5 2 1 0C15 32 18.500 28.500 22 23.800c2.500-3.300 4.500-6.300 4.500-10.300a13 13 0 0 0-13-13z" ` +
      `fill="${colour}" stroke="rgba(0,0,0,.35)"/><circle cx=13.5 cy=13.5 r=4.8 fill="rgba(70,0,0,.55)"/></svg>` });
  const painted = (hue) => L.icon({ ...icons, iconSize: [25, 41], iconAnchor: [12.5, 41], shadowSize: [41, 41],
    shadowAnchor: [12.5, 41], className: hue });
  const parent = kind === "cluster" ? L.markerClusterGroup({ animate: false, ...options }) : map;
  for (const dot of job.dots) {
    const at = [dot.lat, dot.lon];
    const mark = kind === "circle"
      ? L.circleMarker(at, { ...options, fillColor: dot.colour, color: options.color ?? dot.colour })
      : L.marker(at, { icon: kind === "pin" ? teardrop(dot.colour) : painted(dot.colour) });
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
  const drawn = [...document.images].map((image) => image.decode().catch(() => null));
  return Promise.all(drawn).then(() => ({ dots: job.dots.map((dot) => place([dot.lat, dot.lon])), bubbles,
    single: parent === map ? null : marks.map((mark) => parent.getVisibleParent(mark) === mark) }));
}

function maplibre(job) {
  const line = (at) => ({ type: "Feature", properties: {}, geometry: at });
  const turned = (all) => all.map(([lat, lon]) => [lon, lat]);
  const { theme } = job;
  const map = new maplibregl.Map({ container: "map", attributionControl: false, interactive: false,
    fadeDuration: 0, canvasContextAttributes: { preserveDrawingBuffer: true },
    center: [job.centre[1], job.centre[0]], zoom: job.zoom - 1,  // its tiles are of 512 pixels
    style: { version: 8, sources: {}, layers: [
      { id: "sky", type: "background", paint: { "background-color": theme.ground } }] } });
  map.addControl(new maplibregl.NavigationControl());
  const { kind, options } = job.style;
  return new Promise((done) => map.on("load", () => {
    const add = (id, type, features, paint) => {
      map.addSource(id, { type: "geojson", data: { type: "FeatureCollection", features } });
      map.addLayer({ id, type, source: id, paint });
    };
    const areas = (all) => all.map((b) => line({ type: "Polygon", coordinates: [turned([...b, b[0]])] }));
    add("parks", "fill", areas(job.parks), { "fill-color": theme.park });
    add("water", "line", [line({ type: "LineString", coordinates: turned(job.water) })],
      { "line-color": theme.water, "line-width": 22 });
    add("blocks", "fill", areas(job.blocks), { "fill-color": theme.block });
    const streets = job.streets.map((s) => ({ ...line({ type: "LineString", coordinates: turned(s.line) }),
      properties: { colour: s.main ? theme.main : theme.street, width: s.width } }));
    add("casing", "line", streets, { "line-color": theme.casing, "line-width": ["+", ["get", "width"], 2] });
    add("streets", "line", streets, { "line-color": ["get", "colour"], "line-width": ["get", "width"] });
    const dots = job.dots.map((dot) => ({ ...line({ type: "Point", coordinates: [dot.lon, dot.lat] }),
      properties: { colour: dot.colour } }));
    if (kind === "pin") {
      for (const { lon, lat, colour } of job.dots) new maplibregl.Marker({ color: colour }).setLngLat([lon, lat]).addTo(map);
    } else {
      add("dots", "circle", dots, { "circle-color": ["get", "colour"], "circle-radius": options.radius,
        "circle-opacity": options.fillOpacity ?? 1, "circle-stroke-width": options.weight ?? 0,
        "circle-stroke-color": options.color ?? "#fff" });
    }
    map.once("idle", () => done({ bubbles: [], single: null,
      dots: job.dots.map((dot) => { const p = map.project([dot.lon, dot.lat]); return [p.x, p.y]; }) }));
    map.triggerRepaint();
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
    pen.strokeText(word, 0, 0); pen.fillStyle = job.theme.ink; pen.fillText(word, 0, 0);
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
  await page.setContent(`<style>body{margin:0}#map{background:${job.theme.ground};position:relative;` +
    `width:${job.width}px;height:${job.height}px}</style><div id=map></div>`);
  const draw = job.library === "maplibre" ? maplibre : leaflet;
  if (draw === maplibre) {
    await page.addStyleTag({ content: text("maplibre-gl/dist/maplibre-gl.css") });
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
