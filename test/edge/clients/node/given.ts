// What the test gives to the programs: addresses of services, and accounts.

export const given = {
  // service wants addresses confirmed, optional does not, limited takes one login a minute.
  service: value("SERVICE"),
  optional: value("OPTIONAL"),
  limited: value("LIMITED"),
  // later answers like a release that knows more members and values.
  later: value("LATER"),
  adminToken: value("ADMIN_TOKEN"),
  email: value("EMAIL"),
};

function value(name: string): string {
  const text = process.env[name];
  if (!text) throw new Error(`${name} is not set`);
  return text;
}

// mailedToken returns the token of the newest mail to an address.
export async function mailedToken(to: string): Promise<string> {
  const response = await fetch(`${value("MAILS")}?to=${encodeURIComponent(to)}`);
  return response.text();
}

// known returns a value that must be there, so that the compiler knows it too.
export function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}
