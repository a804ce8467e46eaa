const maxLength = 120;

/** The text in double quotes for a message, control characters escaped; cut after 120 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);
}
