// One dot: the addresses that it may stand for, by how far dots were moved and who looks.
(() => {
  const part = document.getElementById("explorer");
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const find = (name) => part.querySelector(`[data-x="${name}"]`);
  const lang = document.documentElement.lang;
  const count = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 });
  const percent = (p) =>
    new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: p < 0.095 ? 1 : 0 }).format(p);
  const fill = (key, values) => data.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const scale = data.width / data.size[0];
  const height = data.size[1] * scale;
  const make = (tag, look, into) => {
    const one = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in look) one.setAttribute(name, look[name]);
    into.append(one);
    return one;
  };
  const pair = (list, k) => [list[2 * k], list[2 * k + 1]];
  const at = ([x, y]) => [x * scale, height - y * scale];
  const map = find("map"), move = find("move"), choose = find("dot");
  const under = make("g", {}, map), marks = make("g", {}, map), over = make("g", {}, map);
  const people = data.people, n = data.home.length, places = data.places.length / 2;
  const dots = data.home.map((_, k) => {
    const one = make("circle", { r: data.visited[k] ? 4.2 : 5, class: data.visited[k] ? "seen" : "dot" }, marks);
    one.addEventListener("click", () => pick(k));
    return one;
  });
  // Grey marks lie below red ones.
  dots.filter((_, k) => data.visited[k]).reverse().forEach((one) => marks.prepend(one));
  const names = [...map.querySelectorAll(".place")];
  let chosen = -1;

  // The possible addresses of a dot, with the probability of each, as the attack computes them.
  function possible(k, step, who) {
    const [x, y] = pair(data.dots[step], k), [low, high] = data.moves[step];
    const near = [], weight = data.weight[who];
    let total = 0, closest = Infinity;
    for (let a = 0; a < places; a++) {
      const away = Math.hypot(data.places[2 * a] - x, data.places[2 * a + 1] - y);
      if (step === 0) {
        // An exact dot stands at the nearest address; ties share it.
        if (away < closest - data.rounding) { near.length = 0; total = 0; }
        if (away > closest + data.rounding) continue;
        closest = Math.min(closest, away);
      } else if (away < low - data.rounding || away > high + data.rounding) continue;
      const w = step === 0 || weight.length === 1 ? 1 : weight[a];
      near.push([a, w]);
      total += w;
    }
    return near.map(([a, w]) => [a, (data.doors * w) / total]);
  }

  function light(step, who) {
    under.textContent = over.textContent = "";
    const said = find("said");
    if (chosen < 0) return;
    const found = possible(chosen, step, who), most = Math.max(0, ...found.map(([, p]) => p));
    const here = at(pair(data.dots[step], chosen));
    if (step > 0) make("circle", { class: "x-reach", cx: here[0], cy: here[1], r: data.moves[step][1] * scale }, under);
    for (const [a, p] of found) {
      const [cx, cy] = at(pair(data.places, a)), share = Math.cbrt(p);
      make("circle", { class: "x-may", cx, cy, r: 2.5 + 7 * share, "fill-opacity": 0.2 + 0.7 * share }, under);
    }
    const home = data.home[chosen], values = { dot: count.format(chosen + 1), dots: count.format(n) };
    if (home >= 0) {
      const [cx, cy] = at(pair(data.places, home));
      make("line", { class: "x-way", x1: here[0], y1: here[1], x2: cx, y2: cy }, over);
      make("circle", { class: "x-home", cx, cy, r: 9 }, over);
    }
    make("circle", { class: "x-chosen", cx: here[0], cy: here[1], r: 8 }, over);
    const own = found.find(([a]) => a === home);
    Object.assign(said.dataset, { possible: found.length, likeliest: most, true: own ? own[1] : 0 });
    if (!found.length) { said.textContent = fill("dot_nowhere", values); return; }
    Object.assign(values, { possible: count.format(found.length), likeliest: percent(most), true: percent(own ? own[1] : 0) });
    said.textContent = fill(own ? "dot" : "dot_elsewhere", values);
  }

  function draw() {
    const step = +move.value, who = +part.querySelector("[name=x-who]:checked").value;
    const [low, high] = data.moves[step];
    const moved = step ? fill("move_between", { low: count.format(low), high: count.format(high) }) : data.words.move_none;
    find("moved").textContent = moved;
    move.setAttribute("aria-valuetext", moved);
    dots.forEach((one, k) => {
      const [cx, cy] = at(pair(data.dots[step], k));
      one.style.transform = `translate(${cx.toFixed(1)}px,${cy.toFixed(1)}px)`;
      one.classList.toggle("x-dim", chosen >= 0 && chosen !== k);
    });
    const spots = data.home.map((_, k) => new DOMPoint(...at(pair(data.dots[step], k))));
    // A name under a dot gives way.
    names.forEach((one) => {
      const box = one.getBBox(), turn = one.transform.baseVal.consolidate()?.matrix.inverse();
      one.style.visibility = spots.map((p) => p.matrixTransform(turn)).some((p) =>
        p.x > box.x - 6 && p.x < box.x + box.width + 6 && p.y > box.y - 6 && p.y < box.y + box.height + 6)
        ? "hidden" : "";
    });
    light(step, who);
    const [hits, luck, homes, homeLuck] = data.found[step][who].map(Math.round);
    find("right").textContent = count.format(hits);
    find("wrong").textContent = count.format(people - hits);
    find("luck").textContent = count.format(luck);
    find("homes").textContent = count.format(homes);
    find("home-luck").textContent = count.format(homeLuck);
    [...find("people").children].forEach((one, k) => {
      one.className = k < Math.min(luck, hits) ? "by-luck" : k < hits ? "right" : "";
    });
    const values = { move: moved, looker: data.words[`look_${data.lookers[who]}`], hits: count.format(hits),
      people: count.format(people), control: count.format(luck) };
    let sentence = fill(step ? "quote" : "quote_exact", values);
    if (data.towns.length) {
      const shares = data.towns[step][who], ends = [Math.min(...shares), Math.max(...shares)].map(percent);
      const between = { low: ends[0], high: ends[1], towns: count.format(shares.length) };
      find("range").textContent = fill("range", between);
      sentence += " " + fill("quote_towns", between);
      [...find("towns").children].forEach((one, k) => { one.style.left = `${100 * shares[k]}%`; });
    }
    find("quote").textContent = sentence;
  }

  function pick(k) {
    chosen = (k + n) % n;
    choose.value = chosen + 1;
    draw();
  }

  find("people").append(...Array.from({ length: people }, () => document.createElement("i")));
  if (data.towns.length) {
    find("towns").append(...data.towns[0][0].map(() => document.createElement("b")));
    find("strip").hidden = false;
    find("none").textContent = percent(0);
    find("all").textContent = percent(1);
  }
  choose.max = n;
  choose.addEventListener("input", () => pick(choose.value - 1));
  move.addEventListener("input", draw);
  part.querySelectorAll("[name=x-who]").forEach((one) => one.addEventListener("change", draw));
  map.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); pick(chosen < 0 ? 0 : chosen + by); }
  });
  // A finger needs no aim: the nearest dot is chosen.
  map.addEventListener("click", (event) => {
    if (event.target.closest("circle.dot, circle.seen")) return;
    const box = map.getBoundingClientRect(), unit = data.width / box.width, step = +move.value;
    const x = (event.clientX - box.left) * unit, y = (event.clientY - box.top) * unit;
    const away = data.home.map((_, k) => { const [a, b] = at(pair(data.dots[step], k)); return Math.hypot(a - x, b - y); });
    const nearest = away.indexOf(Math.min(...away));
    if (away[nearest] < 24) pick(nearest);
  });
  part.hidden = document.getElementById("to-explorer").hidden = false;
  // A red dot in the middle that stands at its home is chosen, so that the first move of the slider
  // shows what it does.
  const away = data.home.map((home, k) => {
    if (home < 0 || data.visited[k]) return Infinity;
    const [x, y] = pair(data.dots[0], k), [homeX, homeY] = pair(data.places, home);
    const stray = Math.hypot(x - homeX, y - homeY) > data.size[0] / 50;
    return stray ? Infinity : Math.hypot(x - data.size[0] / 2, y - data.size[1] / 2);
  });
  pick(away.indexOf(Math.min(...away)));
})();
