/** The version of Nod, that of package.json: `npm run release` writes both. The app parses it as a version number, so it is digits and dots
 *  only. */
export const VERSION = '0.1.0'
