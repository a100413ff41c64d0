// A drawer of answers in the browser that outlives a reload: IndexedDB, else localStorage.

const NAME = "bimetal";
const STORE = "outbox";

export async function openDrawer() {
  try {
    return new Drawer(await opened());
  } catch {
    return new Shelf();
  }
}

class Drawer {
  constructor(base) {
    this.base = base;
  }

  put(entry) {
    return this.#in("readwrite", (store) => store.put(entry));
  }

  remove(key) {
    return this.#in("readwrite", (store) => store.delete(key));
  }

  all(person) {
    return this.#in("readonly", (store) => store.index("person").getAll(person)).then(inOrder);
  }

  #in(mode, act) {
    return new Promise((resolve, reject) => {
      const work = this.base.transaction(STORE, mode, { durability: "strict" });
      const asked = act(work.objectStore(STORE));
      work.oncomplete = () => resolve(asked.result);
      work.onerror = work.onabort = () => reject(work.error);
    });
  }
}

class Shelf {
  async put(entry) {
    localStorage.setItem(`${NAME}.${STORE}.${entry.key}`, JSON.stringify(entry));
  }

  async remove(key) {
    localStorage.removeItem(`${NAME}.${STORE}.${key}`);
  }

  async all(person) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${NAME}.${STORE}.`));
    return inOrder(keys.map((key) => JSON.parse(localStorage.getItem(key))).filter((entry) => entry.person === person));
  }
}

function inOrder(entries) {
  return entries.sort((one, other) => one.n - other.n);
}

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" }).createIndex("person", "person");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => reject(asked.error);
  });
}
