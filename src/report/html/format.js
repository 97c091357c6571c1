// Numbers for people, digit for digit as the program itself writes them (src/report/format.cpp).
const format = (function () {
  // Rounded to d decimals, ties to even: toFixed alone rounds ties up.
  function fixed(x, d) {
    const scaled = x * 10 ** d;
    const tie = Number.isInteger(x * 2 ** (d + 1)) && scaled - Math.floor(scaled) === 0.5;
    if (!tie) return x.toFixed(d);
    const floor = Math.floor(scaled);
    return ((floor % 2 === 0 ? floor : floor + 1) / 10 ** d).toFixed(d);
  }
  function threeDigits(x) {
    return fixed(x, 3 - (x < 0.9995 ? 0 : x < 9.995 ? 1 : x < 99.95 ? 2 : 3));
  }
  // As %.{n}g.
  function general(x, n) {
    if (x === 0) return "0";
    const [digits, exponent] = x.toExponential(n - 1).split("e");
    const e = Number(exponent);
    const trim = (s) => (s.includes(".") ? s.replace(/\.?0+$/, "") : s);
    if (e >= -4 && e < n) return trim(x.toFixed(Math.max(0, n - 1 - e)));
    const size = Math.abs(e) < 10 ? "0" + Math.abs(e) : String(Math.abs(e));
    return trim(digits) + "e" + (e < 0 ? "-" : "+") + size;
  }
  function stepOf(x, lowest, highest) {
    let step = lowest;
    let scale = 1000 ** lowest;
    while (step < highest && x / scale >= 999.5) {
      ++step;
      scale *= 1000;
    }
    return step;
  }
  function join(number, prefix, unit) {
    return number + (prefix === "" && unit === "" ? "" : " ") + prefix + unit;
  }
  function si(x, unit) {
    const prefixes = ["", "k", "M", "G", "T", "P", "E", "Z"];
    if (!Number.isFinite(x)) return "?";
    if (x < 0) return "-" + si(-x, unit);
    const step = stepOf(x, 0, 7);
    const scaled = x / 1000 ** step;
    const whole = step === 0 && Number.isInteger(x);
    return join(whole || x < 0.1 ? general(scaled, 3) : threeDigits(scaled), prefixes[step], unit);
  }
  function small(x, unit) {
    const prefixes = ["p", "n", "u", "m", ""];
    if (!Number.isFinite(x)) return "?";
    if (x === 0) return "0 " + unit;
    if (x < 0) return "-" + small(-x, unit);
    const step = stepOf(x, -4, 0);
    const scaled = x / 1000 ** step;
    const number = scaled >= 999.5 ? fixed(scaled, 0)
      : scaled < 0.1 ? general(scaled, 2) : threeDigits(scaled);
    return join(number, prefixes[step + 4], unit);
  }
  function ratio(x) {
    if (!Number.isFinite(x)) return "?";
    if (x === 0) return "0";
    if (x < 0) return "-" + ratio(-x);
    if (x < 0.1) return general(x, 3);
    return x < 999.5 ? threeDigits(x) : si(x, "");
  }
  function percent(x) {
    const p = x * 100;
    if (!Number.isFinite(p)) return "?";
    if (p === 0) return "0";
    if (p >= 99.95) return fixed(p, 0);
    return fixed(p, p < 0.095 ? 2 : 1);
  }
  function exact(n) {
    return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  }
  function rate(x) {
    if (!Number.isFinite(x)) return "?";
    if (x < 999.5) return ratio(x);
    return x < 99999.5 ? exact(Math.floor(x + 0.5)) : si(x, "");
  }
  // "80 GiB" where it is one, else as bytes.
  function capacity(x) {
    for (const [size, name] of [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"]]) {
      if (x >= size && x % size === 0) return x / size + " " + name;
    }
    return si(x, "B");
  }
  const bytes = (x) => si(x, "B");
  const seconds = (x) => small(x, "s");
  const joules = (x) => small(x, "J");
  const styles = {
    count: (x) => si(x, ""), bytes, seconds, joules, watts: (x) => si(x, "W"), ratio, percent, rate,
    text: (x) => String(x),
  };
  // A value of a table's column; empty where there is none.
  function cell(value, style) {
    return value === null || value === undefined ? ""
      : typeof value === "string" ? value : styles[style](value);
  }
  return { si, bytes, capacity, seconds, joules, ratio, percent, rate, exact, cell };
})();
