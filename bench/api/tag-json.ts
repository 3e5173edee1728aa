/**
 * Loaded first into a process that is profiled. V8 has no frame for JSON.parse and JSON.stringify: their time would
 * count for whoever calls them. Within these functions it counts for this file.
 */
const { parse, stringify } = JSON

JSON.parse = function parseTagged(...given: Parameters<typeof parse>) {
  return parse(...given)
}
JSON.stringify = function stringifyTagged(...given: unknown[]) {
  return stringify(...(given as Parameters<typeof stringify>))
} as typeof stringify
