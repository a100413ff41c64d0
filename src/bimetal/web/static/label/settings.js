// What a person set on this device: kept under their name, so that two people at one desk keep their own.

const USUAL = { advance: false, suggestions: true, blur: true, size: 100, keys: {}, timer: true };

export class Settings {
  constructor(person) {
    this.place = `bimetal.settings.${person}`;
    this.values = { ...USUAL, ...read(this.place) };
  }

  get(name) {
    return this.values[name];
  }

  put(name, value) {
    this.values[name] = value;
    write(this.place, this.values);
    this.apply();
  }

  reset() {
    this.values = { ...USUAL };
    write(this.place, this.values);
    this.apply();
  }

  apply() {
    document.documentElement.style.setProperty("--reading", `${this.values.size / 100}`);
  }
}

/** Set what the server reads with each page: the language, the colours. */
export function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}

export function read(place) {
  try {
    return JSON.parse(localStorage.getItem(place)) ?? {};
  } catch {
    return {};
  }
}

export function write(place, value) {
  try {
    localStorage.setItem(place, JSON.stringify(value));
  } catch {
    // A full or forbidden store loses a convenience, never an answer.
  }
}
