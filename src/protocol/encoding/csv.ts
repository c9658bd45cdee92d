/** Quotes one CSV cell with single quotes, doubles those in it, and replaces line breaks by spaces. A spreadsheet that
 *  does not know these quotes splits the cell at separators. So that it runs no formula, a quote goes between a
 *  separator and `=`, `+`, `-` or `@`, also behind double quotes and spaces, which spreadsheets strip. Users and phones
 *  write some of these values. */
export const csvCell = (value: string | number): string =>
  `'${String(value)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/([,;\t])(?=(?:"|[^\S\t])*[=+@-])/g, "$1'")
    .replaceAll("'", "''")}'`
