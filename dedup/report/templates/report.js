"use strict";
// The page reads without this script. It adds: the pair a link leads to opens, a click on a passage brings its counterpart
// level with it, both light up under the pointer, and clusters can be found by a word.
(function () {
  function openAround(element) {
    for (let e = element; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
  }

  function openTarget() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    openAround(target);
    target.scrollIntoView();
  }

  function sameIn(pair, number) {
    return pair.querySelectorAll('mark[data-passage="' + number + '"]');
  }

  function bringLevel(mark) {
    const pair = mark.closest(".pair");
    const here = mark.closest(".text");
    for (const other of sameIn(pair, mark.dataset.passage)) {
      const there = other.closest(".text");
      if (there === here) continue;
      const isBeside = there.getBoundingClientRect().top === here.getBoundingClientRect().top;
      if (isBeside) there.scrollTop += other.getBoundingClientRect().top - mark.getBoundingClientRect().top;
      else other.scrollIntoView({ block: "center" });
      const box = other.getBoundingClientRect();
      if (box.bottom < 0 || box.top > innerHeight) other.scrollIntoView({ block: "center" });
      for (const each of sameIn(pair, mark.dataset.passage)) {
        each.classList.remove("flash");
        void each.offsetWidth; // so that the same flash can run again
        each.classList.add("flash");
      }
      return;
    }
  }

  addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();

  document.addEventListener("click", function (event) {
    const mark = event.target.closest("mark[data-passage]");
    if (!mark || String(getSelection()) !== "") return;
    event.preventDefault();
    bringLevel(mark);
  });

  let lit = [];
  document.addEventListener("mouseover", function (event) {
    const mark = event.target.closest("mark[data-passage]");
    for (const each of lit) each.classList.remove("lit");
    lit = mark ? Array.from(sameIn(mark.closest(".pair"), mark.dataset.passage)) : [];
    for (const each of lit) each.classList.add("lit");
  });

  const find = document.getElementById("find");
  if (!find) return;
  const items = Array.from(document.querySelectorAll(".contents li"));
  const clusters = Array.from(document.querySelectorAll("section.cluster"));
  let words = null; // gathered at the first search: on a large page it takes a moment

  function gathered() {
    return clusters.map(function (cluster) {
      const parts = cluster.querySelectorAll("h2, .origin, .members");
      return Array.from(parts, function (part) { return part.textContent; }).join(" ").toLowerCase();
    });
  }

  find.closest(".find").hidden = false;
  find.addEventListener("input", function () {
    const wanted = find.value.trim().toLowerCase();
    words = words || gathered();
    let shown = 0;
    clusters.forEach(function (cluster, i) {
      const fits = words[i].includes(wanted);
      cluster.hidden = items[i].hidden = !fits;
      if (fits) shown += 1;
    });
    find.closest(".find").querySelector("output").textContent = wanted ? shown + " of " + clusters.length : "";
  });
})();
