// Which versions of Node.js we run on. This must load and speak on much older ones.

/**
 * Whether a version satisfies an `engines` range of the forms that we use: alternatives by `||`, each `^x.y.z` or
 * `>=x.y.z`.
 *
 * @param {string} version such as `20.20.2`
 * @param {string} range
 */
export function satisfies(version, range) {
  const actual = numbers(version);
  return range.split('||').some((alternative) => {
    const match = /^\s*(\^|>=)(\d+\.\d+\.\d+)\s*$/.exec(alternative);
    if (match === null) throw new Error(`unknown form of engines range: ${alternative}`);
    const least = numbers(match[2]);
    return !isBefore(actual, least) && (match[1] === '>=' || actual[0] === least[0]);
  });
}

/** @param {string} version */
function numbers(version) {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
function isBefore(a, b) {
  for (let i = 0; i < 3; i++) {
    if (a[i] !== b[i]) return a[i] < b[i];
  }
  return false;
}
