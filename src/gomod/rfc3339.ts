const form =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/**
 * The time in milliseconds since 1970, parts of a millisecond cut off; null where the text is no time as
 * Go's time.Time reads it from JSON, which is RFC 3339 and a little more: an hour of one digit, a comma
 * before the fraction. https://pkg.go.dev/time#Time.UnmarshalJSON
 */
export function parseRfc3339(text: string): number | null {
  const match = form.exec(text);
  if (match === null) return null;
  const [
    ,
    date = "",
    hours = "",
    minutes = "",
    seconds = "",
    fraction = "0",
    sign,
    offsetHours = "0",
    offsetMinutes = "0",
  ] = match;
  if (Number(offsetHours) > 24 || Number(offsetMinutes) > 60) return null;
  const local = new Date(`${date}T${hours.padStart(2, "0")}:${minutes}:${seconds}.000Z`);
  // A date such as 30 February is read as 1 March: it comes back as another text.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(date)) return null;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return local.getTime() + Number(fraction.slice(0, 3).padEnd(3, "0")) - offsetMs;
}
