// Words of the interface in the person's language, and names of labels in it where the sheet has them.

/** Return a function that says a key's words, with {name} filled in; a key without words says itself. */
export function speaker(table) {
  const say = (key, values = {}) =>
    (table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  return Object.assign(say, { table });
}

/** Pick what is said in a language, in its base language, in the sheet's own, or in any. */
export function inLanguage(said, language, first = "en") {
  if (!said) return "";
  return said[language] ?? said[base(language)] ?? said[first] ?? Object.values(said)[0] ?? "";
}

/** Name a label in a language, else in the sheet's first, else by its value. */
export function nameOf(label, language, first = "") {
  const { names = {} } = label;
  return names[language] ?? names[base(language)] ?? names[first] ?? names[base(first)] ?? label.value;
}

/** Say in one short line what a value answers. */
export function told(sheet, value, language, say) {
  if (value === null || value === undefined) return say("label.nothing_chosen");
  const named = (each) => nameOf(sheet.labels.find((label) => label.value === each) ?? { value: each }, language, sheet.language);
  try {
    return TELL[sheet.task]?.(value, named, say) ?? value;
  } catch {
    return value;
  }
}

const TELL = {
  classification: (value, named) => named(value),
  tags: (value, named, say) => JSON.parse(value).map(named).join(", ") || say("label.none_of_these"),
  spans: counted,
  boxes: counted,
  polygons: counted,
  keypoints: counted,
  pairs: (value, named, say) => (value === "tie" ? say("pair.tie") : value.toUpperCase()),
  ranking: (value) => JSON.parse(value).map((tier) => tier.join(" = ")).join(" > ").toUpperCase(),
  "best-worst": (value, named, say) => {
    const { best, worst } = JSON.parse(value);
    return `${say("best.best")} ${best.toUpperCase()}, ${say("best.worst")} ${worst.toUpperCase()}`;
  },
};

function counted(value, named, say) {
  const counts = new Map();
  for (const { label } of JSON.parse(value)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, n]) => `${named(label)} × ${n}`).join(", ") || say("shape.none");
}

function base(language) {
  return language.split("-")[0];
}
