const form =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(\.[0-9]+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/**
 * The time in milliseconds since 1970, parts of a millisecond cut off; null where the text is no time as
 * Go's time.Time reads it from JSON. https://pkg.go.dev/time#Time.UnmarshalJSON
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
    fraction = "",
    sign,
    offsetHours = "0",
    offsetMinutes = "0",
  ] = match;
  if (Number(offsetHours) > 24 || Number(offsetMinutes) > 60) return null;
  const local = new Date(`${date}T${hours}:${minutes}:${seconds}.000Z`);
  // A date such as 30 February is read as 1 March: it comes back as another text.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(date)) return null;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return local.getTime() + Math.floor(Number(`0${fraction}`) * 1000) - offsetMs;
}
