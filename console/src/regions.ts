import { texts } from './texts.ts'

const t = texts({
  en: {
    wnam: 'North America, west',
    enam: 'North America, east',
    sam: 'South America',
    weur: 'Europe, west',
    eeur: 'Europe, east',
    apac: 'Asia',
    oc: 'Oceania',
    afr: 'Africa',
    me: 'Middle East',
  },
  de: {
    wnam: 'Nordamerika, Westen',
    enam: 'Nordamerika, Osten',
    sam: 'Südamerika',
    weur: 'Europa, Westen',
    eeur: 'Europa, Osten',
    apac: 'Asien',
    oc: 'Ozeanien',
    afr: 'Afrika',
    me: 'Naher Osten',
  },
})

/** The name of a region for people. */
export const regionName = (region: string): string => (t() as Readonly<Record<string, string>>)[region] ?? region
