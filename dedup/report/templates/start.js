"use strict";
// The page reads without this script. It adds: search, filters, sorting, keys. Rows are made from the page's own
// <template>, and every text goes in as text.
(function () {
  const box = document.getElementById("data");
  if (!box) return;
  const packed = JSON.parse(box.textContent);
  const ROWS_AT_ONCE = 150;
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const SVG = "http://www.w3.org/2000/svg";
  const byId = function (id) { return document.getElementById(id); };
  const form = byId("filters"), body = byId("rows"), found = byId("found"), moreButton = byId("more");
  const template = byId("row").content.querySelector("tr");
  const FIELDS = ["q", "origin", "source", "kind", "language", "licence", "from", "to", "new", "sort"];

  function unpacked(r, place) {
    const name = function (n) { return packed.names[n]; };
    const e = {
      place: place, key: r[0], headline: r[1], language: r[2], rtl: r[3], origin: name(r[4]), originKind: name(r[5]),
      confidence: r[6], sources: r[7].map(name), kinds: r[8].map(name), licences: r[9].map(name),
      languages: r[10].map(name), isRevision: (r[11] & 1) > 0, isNew: (r[11] & 2) > 0, size: r[12], shared: r[13],
      first: r[14], isDay: r[15], last: r[16], dots: r[17], spread: r[18],
    };
    e.words = [e.headline, e.origin].concat(e.sources).join(" ").toLowerCase();
    return e;
  }
  const entries = packed.rows.map(unpacked);

  // -- one row

  function text(row, selector, value) { row.querySelector(selector).textContent = value; }

  function said(minutes, isDay) {
    const d = new Date(minutes * 60000);
    const two = function (n) { return String(n).padStart(2, "0"); };
    const day = d.getUTCDate() + " " + MONTHS[d.getUTCMonth()] + " " + d.getUTCFullYear();
    return isDay ? day : day + ", " + two(d.getUTCHours()) + ":" + two(d.getUTCMinutes());
  }

  function percent(share) {
    if (share > 0 && share < 0.01) return "<1%";
    if (share > 0.99 && share < 1) return ">99%";
    return Math.round(share * 100) + "%";
  }

  function add(parent, tag, className, value) {
    const child = parent.appendChild(document.createElement(tag));
    child.className = className;
    child.textContent = value;
    return child;
  }

  function shortened(value, n) { return value.length > n ? value.slice(0, n - 1) + "…" : value; }

  function rowOf(e) {
    const row = template.cloneNode(true);
    const link = row.querySelector(".headline");
    link.href = "clusters/" + e.key + ".html";
    link.textContent = e.headline;
    link.dir = e.rtl ? "rtl" : "ltr";
    if (e.language) link.lang = e.language;
    const tags = row.querySelector(".tags");
    tags.textContent = "";
    const badges = (e.isNew ? ["new"] : []).concat(e.isRevision ? ["revision"] : [], e.kinds);
    for (const kind of badges) { add(tags, "span", "badge " + kind, kind); tags.append(" "); }
    for (const one of e.licences) { add(tags, "span", "badge licence", one); tags.append(" "); }
    add(tags, "span", "note langs", e.languages.join(", "));
    const who = row.querySelector(".who");
    who.textContent = "";
    if (e.originKind) {
      add(who, "bdi", "name " + e.originKind, e.origin);
      add(who, "span", "note", (e.originKind === "article" ? "" : e.originKind + ", ") + sure(e.confidence) + " sure");
    } else add(who, "span", "note", "unknown");
    text(row, ".copied b", e.size);
    const names = row.querySelector(".by");
    names.textContent = "";
    e.sources.slice(0, 4).forEach(function (source, i) {
      if (i) names.append(", ");
      add(names, "bdi", "", shortened(source, 40));
    });
    if (e.sources.length > 4) names.append(" and " + (e.sources.length - 4) + " more");
    const came = row.querySelector(".came");
    came.textContent = "";
    if (e.first === null) add(came, "span", "note", "no date");
    else {
      add(came, "time", "", said(e.first, e.isDay)).dateTime = new Date(e.first * 60000).toISOString().replace(".000", "");
      came.append(stripOf(e.dots));
      add(came, "span", "note", e.spread);
    }
    text(row, ".shared", percent(e.shared));
    return row;
  }

  function sure(confidence) { return confidence >= 100 ? ">99%" : confidence + "%"; }

  function stripOf(dots) {
    const svg = emptyStrip.cloneNode(true);
    for (const x of dots) {
      const dot = svg.appendChild(document.createElementNS(SVG, "path"));
      dot.setAttribute("class", x < 0 ? "dot first" : "dot");
      dot.setAttribute("d", "M" + (x < 0 ? -x - 1 : x) + " 6h.01");
    }
    return svg;
  }
  const emptyStrip = (function () {
    const axis = document.querySelector("#rows .strip") || document.querySelector("th .strip");
    const svg = axis.cloneNode(true);
    svg.querySelectorAll(".dot").forEach(function (dot) { dot.remove(); });
    return svg;
  })();

  // -- filters and order

  function values() {
    const v = {};
    for (const name of FIELDS) v[name] = byId(name).value.trim();
    return v;
  }

  function day(value, isEnd) {
    const time = value ? Date.parse(value + "T00:00:00Z") : NaN;
    return isNaN(time) ? null : time / 60000 + (isEnd ? 1440 : 0);
  }

  function fitting(v) {
    const words = v.q.toLowerCase().split(/\s+/).filter(Boolean);
    const from = day(v.from, false), to = day(v.to, true);
    return entries.filter(function (e) {
      return words.every(function (word) { return e.words.includes(word); }) &&
        (!v.origin || (v.origin === "unknown origin" ? !e.originKind : e.originKind + ":" + e.origin === v.origin)) &&
        (!v.source || e.sources.includes(v.source) || (e.originKind === "article" && e.origin === v.source)) &&
        (!v.kind || e.kinds.includes(v.kind) || (v.kind === "revision" && e.isRevision)) &&
        (!v.language || e.languages.includes(v.language)) &&
        (!v.licence || e.licences.includes(v.licence)) &&
        (!v.new || e.isNew) &&
        (from === null || (e.last !== null && e.last >= from)) &&
        (to === null || (e.first !== null && e.first < to));
    });
  }

  const collator = new Intl.Collator();
  const ORDERS = {
    "": function (a, b) { return a.place - b.place; },
    first: function (a, b) { return (b.first || 0) - (a.first || 0); },
    size: function (a, b) { return b.size - a.size; },
    shared: function (a, b) { return b.shared - a.shared; },
    origin: function (a, b) { return collator.compare(a.origin || "\uffff", b.origin || "\uffff"); },
    headline: function (a, b) { return collator.compare(a.headline, b.headline); },
  };
  let isReversed = false;
  let shown = [];

  function show(nRows) {
    const start = body.children.length;
    const part = document.createDocumentFragment();
    for (const e of shown.slice(start, start + nRows)) part.append(rowOf(e));
    body.append(part);
    moreButton.hidden = body.children.length >= shown.length;
  }

  function refresh() {
    const v = values();
    const order = ORDERS[v.sort] || ORDERS[""];
    shown = fitting(v).sort(function (a, b) { return order(a, b) || a.place - b.place; });
    if (isReversed) shown.reverse();
    body.textContent = "";
    show(ROWS_AT_ONCE);
    const isAll = shown.length === entries.length;
    found.textContent = isAll ? entries.length.toLocaleString("en") + (entries.length === 1 ? " cluster" : " clusters")
      : shown.length.toLocaleString("en") + " of " + entries.length.toLocaleString("en") + " clusters";
    for (const th of document.querySelectorAll("th[data-sort]")) {
      if (th.dataset.sort === v.sort) th.setAttribute("aria-sort", isUpwards(v.sort) ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    }
    remember(v);
  }

  function isUpwards(sort) { return (sort === "headline" || sort === "origin") !== isReversed; }

  function remember(v) {
    const kept = new URLSearchParams();
    for (const name of FIELDS) if (v[name]) kept.set(name, v[name]);
    if (isReversed) kept.set("reversed", "1");
    const hash = String(kept);
    try { history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search); } catch (error) { /* some browsers refuse on a disk */ }
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    let any = false;
    for (const name of FIELDS) if (kept.get(name)) { byId(name).value = kept.get(name); any = true; }
    isReversed = kept.get("reversed") === "1";
    return any || isReversed;
  }

  function options(id, all, counted, label) {
    const select = byId(id);
    const names = Array.from(counted.keys()).sort(function (a, b) {
      return counted.get(b) - counted.get(a) || collator.compare(a, b);
    });
    select.append(new Option(all, ""));
    for (const name of names) select.append(new Option(shortened(label ? label(name) : name, 60) + " (" + counted.get(name) + ")", name));
    return names.length;
  }

  function counts(valuesOf) {
    const counted = new Map();
    for (const e of entries) for (const value of new Set(valuesOf(e))) counted.set(value, (counted.get(value) || 0) + 1);
    return counted;
  }

  options("origin", "any", counts(function (e) { return [e.originKind ? e.originKind + ":" + e.origin : "unknown origin"]; }),
    function (name) { return name.startsWith("article:") ? name.slice(8) : name.replace(/^(agency|outlet):(.*)$/s, "$2, $1"); });
  options("source", "any", counts(function (e) { return e.sources.concat(e.originKind === "article" ? [e.origin] : []); }));
  options("kind", "any", counts(function (e) { return e.kinds.concat(e.isRevision ? ["revision"] : []); }));
  options("language", "any", counts(function (e) { return e.languages; }));
  const nLicences = options("licence", "any", counts(function (e) { return e.licences; }));
  document.querySelector("[data-for=licence]").hidden = nLicences === 0;
  document.querySelector("[data-for=new]").hidden = !entries.some(function (e) { return e.isNew; });

  // -- what the reader does

  for (const th of document.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", function () {
      const select = byId("sort");
      isReversed = select.value === th.dataset.sort ? !isReversed : false;
      select.value = th.dataset.sort;
      refresh();
    });
  }
  form.hidden = false;
  byId("keys").hidden = false;
  form.addEventListener("input", function (event) { if (event.target.tagName === "INPUT") refresh(); });
  form.addEventListener("change", function (event) {
    if (event.target.id === "sort") isReversed = false;
    if (event.target.tagName === "SELECT") refresh();
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(function () { isReversed = false; refresh(); byId("q").focus(); }); });
  moreButton.addEventListener("click", function () {
    const n = body.children.length;
    show(ROWS_AT_ONCE);
    body.children[n].querySelector("a").focus();
  });

  function step(by) {
    const links = Array.from(body.querySelectorAll(".headline"));
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (by > 0 ? 0 : -1) : at + by];
    if (next) next.focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && event.target.id === "q") { byId("q").value = ""; refresh(); }
    if (isTyping) return;
    if (event.key === "/") { event.preventDefault(); byId("q").focus(); }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });

  addEventListener("hashchange", function () { if (recall()) refresh(); });
  const pages = document.querySelector(".pages");
  if (pages && entries.length > body.children.length) pages.hidden = true;
  if (recall()) refresh();
  else {
    shown = entries;
    moreButton.hidden = body.children.length >= entries.length;
  }
})();
