/*! Aftershow: puts a discussion into a page. Classic script, holds no secret. */
(function () {
  "use strict";
  var script = document.currentScript || document.querySelector('script[data-site][src*="/static/embed.js"]:not([data-aftershow-used])');
  if (!script) return;
  script.setAttribute("data-aftershow-used", "");
  var given = script.dataset;
  var base = new URL(script.src).origin;
  var site = given.site || "";
  var theme = given.theme || "auto";
  var PATIENCE = 15000; // milliseconds until a plain link is shown instead of waiting on
  var loads = 0;
  var heard = false;
  var box, frame, timer, watcher;

  function articleUrl() {
    var canonical = document.querySelector('link[rel="canonical"]');
    var url = new URL(given.url || (canonical && canonical.href) || location.href, location.href);
    url.hash = "";
    return url.href;
  }

  function frameUrl() {
    var query = new URLSearchParams({ url: articleUrl(), theme: theme });
    ["identifier", "accent", "lang", "assumes", "works"].forEach(function (name) {
      if (given[name]) query.set(name, name === "accent" ? given[name].replace(/^#/, "") : given[name]);
    });
    return base + "/embed/" + encodeURIComponent(site) + "?" + query;
  }

  function tell(message) {
    if (frame && frame.contentWindow) frame.contentWindow.postMessage(message, base);
  }

  function showLink() {
    if (!box || box.querySelector("a")) return;
    var link = document.createElement("a");
    link.href = frameUrl();
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = given.linkText || "Open the discussion";
    box.append(link);
  }

  function hideLink() {
    clearTimeout(timer);
    var link = box.querySelector("a");
    if (link) link.remove();
  }

  function greet() {
    tell({ type: "aftershow:theme", theme: theme });
  }

  // The first page in the frame knows who is around it and speaks first; an error of the browser's never does.
  function firstWord() {
    heard = true;
    greet();
    var wanted = /^#aftershow-c(\d+)$/.exec(location.hash);
    if (wanted) tell({ type: "aftershow:scroll", comment: wanted[1] });
    // Who reads this page, as the publisher has signed it: told once, never part of an address.
    if (given.sso) tell({ type: "aftershow:sso", token: given.sso });
  }

  function loaded() {
    if (!heard) return;
    greet();
    // Another page in the frame begins at its top, wherever the last one was left.
    if (loads++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  }

  function start() {
    if (watcher) watcher.disconnect();
    frame.addEventListener("load", loaded);
    frame.src = frameUrl() + "#aftershow-parent=" + encodeURIComponent(location.origin);
    timer = setTimeout(showLink, PATIENCE);
  }

  function mount() {
    var place = given.target ? document.querySelector(given.target) : script.parentNode;
    if ("countsOnly" in given || !place || place === document.head) return;
    box = document.createElement("div");
    box.className = "aftershow";
    frame = document.createElement("iframe");
    frame.title = given.title || "Discussion";
    frame.referrerPolicy = "strict-origin";
    frame.style.cssText = "display:block;width:100%;height:480px;border:0";
    frame.style.colorScheme = theme === "auto" ? "" : theme;
    box.append(frame);
    if (given.target) place.append(box);
    else script.after(box);
    if (!("IntersectionObserver" in window)) return start();
    // Far below the screen nothing is loaded yet.
    watcher = new IntersectionObserver(function (entries) {
      if (entries.some(function (entry) { return entry.isIntersecting; })) start();
    }, { rootMargin: "800px" });
    watcher.observe(box);
  }

  function unmount() {
    clearTimeout(timer);
    if (watcher) watcher.disconnect();
    if (box) box.remove();
    box = frame = watcher = null;
    loads = 0;
    heard = false;
  }

  function write(element, count) {
    var lang = given.lang || document.documentElement.lang || undefined;
    var number = String(count);
    var kind = "other";
    try {
      number = new Intl.NumberFormat(lang).format(count);
      kind = new Intl.PluralRules(lang).select(count);
    } catch (unknownLanguage) { /* plain digits */ }
    var words = (count === 0 && element.dataset.zero) || element.dataset[kind] || element.dataset.other || "{n}";
    element.textContent = words.replace("{n}", number);
  }

  function fillCounts() {
    var wanted = new Map();
    document.querySelectorAll("[data-aftershow-count]").forEach(function (element) {
      if ((element.dataset.site || site) !== site) return;
      var url = new URL(element.dataset.aftershowCount || articleUrl(), location.href);
      url.hash = "";
      wanted.set(url.href, (wanted.get(url.href) || []).concat(element));
    });
    var urls = Array.from(wanted.keys());
    for (var from = 0; from < urls.length; from += 100) ask(urls.slice(from, from + 100), wanted);
  }

  function ask(urls, wanted) {
    var query = new URLSearchParams(urls.map(function (url) { return ["url", url]; }));
    fetch(base + "/api/v1/sites/" + encodeURIComponent(site) + "/counts?" + query, { credentials: "omit" })
      .then(function (answer) { return answer.json(); })
      .then(function (data) {
        urls.forEach(function (url) {
          var count = data.counts && data.counts[url];
          if (typeof count === "number") wanted.get(url).forEach(function (element) { write(element, count); });
        });
      })
      .catch(function () { /* the page keeps the words it has */ });
  }

  window.addEventListener("message", function (event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base) return;
    var data = event.data || {};
    if (data.type === "aftershow:height" && data.height > 0 && data.height < 1e6) {
      hideLink();
      if (!heard) firstWord();
      frame.style.height = Math.ceil(data.height) + "px";
    }
    if (data.type === "aftershow:show" && isFinite(data.top) && isFinite(data.bottom)) {
      var above = frame.getBoundingClientRect().top;
      var hidden = above + data.top < 0 || above + data.bottom > innerHeight;
      var calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (hidden) scrollBy({ top: above + data.top - innerHeight / 4, behavior: calm ? "auto" : "smooth" });
    }
  });

  function run() {
    unmount();
    mount();
    fillCounts();
  }

  // Several scripts may stand in one page: one door to all of them.
  var door = (window.Aftershow = window.Aftershow || { all: [], setTheme: function (name) { this.all.forEach(function (one) { one.setTheme(name); }); }, reload: function () { this.all.forEach(function (one) { one.reload(); }); } });
  door.all.push({
    setTheme: function (name) {
      if (["auto", "light", "dark"].indexOf(name) < 0) return;
      theme = name;
      if (frame) frame.style.colorScheme = name === "auto" ? "" : name;
      if (heard) greet();
    },
    reload: function () {
      if (given.target || script.isConnected) run();
      else unmount();
    },
  });

  if (document.readyState === "loading") {
    if (!given.target) mount();
    document.addEventListener("DOMContentLoaded", function () {
      if (given.target) mount();
      fillCounts();
    });
  } else run();
})();
