// Amounts of Kubernetes, such as 1000m and 1, or 1Gi and 1024Mi: the API server stores one form of
// each, so a manifest that writes another one says the same.

const powers = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binaries = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const longestCharacters = 40;

/** Undefined for what is no quantity. */
export function quantityOf(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const text = String(value).trim();
  const parts = /^([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))([^0-9.].*)?$/.exec(text);
  if (!parts || text.length > longestCharacters) return undefined;
  const [, digits = "", unit = ""] = parts;
  return amountOf(digits, unit);
}

/** Digits and an exponent together are read exactly; a product would be rounded. */
function amountOf(digits: string, unit: string): number | undefined {
  if (/^[eE][+-]?[0-9]{1,2}$/.test(unit)) return Number(digits + unit);
  const binary = binaries.indexOf(unit);
  if (binary >= 0) return Number(digits) * 1024 ** (binary + 1);
  const power = Object.entries(powers).find(([name]) => name === unit)?.[1];
  return power === undefined ? undefined : Number(`${digits}e${power}`);
}
