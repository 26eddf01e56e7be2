/** Whether labels match a Kubernetes label selector; null when the selector is of a form not understood here. */
export function matchesSelector(selector: string, labels: Readonly<Record<string, string>>): boolean | null {
  // Commas inside (…) separate values, all others separate requirements.
  const requirements = selector.split(/,(?![^(]*\))/).map((text) => text.trim());
  let all = true;
  for (const requirement of requirements) {
    const one = matchesOne(requirement, labels);
    if (one === null) return null;
    all &&= one;
  }
  return all;
}

const KEY = '([A-Za-z0-9][A-Za-z0-9._/-]*)';
const EQUAL = new RegExp(`^${KEY}\\s*(==|=|!=)\\s*([A-Za-z0-9._-]*)$`);
const SET = new RegExp(`^${KEY}\\s+(in|notin)\\s+\\(([^)]*)\\)$`);
const EXISTS = new RegExp(`^(!?)\\s*${KEY}$`);

function matchesOne(requirement: string, labels: Readonly<Record<string, string>>): boolean | null {
  const equal = EQUAL.exec(requirement);
  if (equal !== null) {
    const [, key = '', operator, value] = equal;
    return operator === '!=' ? labels[key] !== value : labels[key] === value;
  }
  const set = SET.exec(requirement);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const value = labels[key];
    const isIn = value !== undefined && list.split(',').some((one) => one.trim() === value);
    return operator === 'in' ? isIn : !isIn;
  }
  const exists = EXISTS.exec(requirement);
  if (exists === null) return null;
  const [, not, key = ''] = exists;
  return (labels[key] !== undefined) === (not === '');
}
