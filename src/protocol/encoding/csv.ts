/** A value of a table, in quotes, those in it doubled; a line stays a line. What a program that does not know these quotes takes for
 *  a cell of its own begins with none of the signs of a formula, nor with double quotes that such a program takes off: users and
 *  phones write some of what is listed. */
export const csvCell = (value: string | number): string =>
  `'${String(value)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/([,;\t])(?=(?:"|[^\S\t])*[=+@-])/g, "$1'")
    .replaceAll("'", "''")}'`
