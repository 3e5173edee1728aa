/** Has the browser save a file that is in memory already. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // Browsers begin to read before the click returns; a second is more than they need.
  setTimeout(() => URL.revokeObjectURL(address), 1_000)
}
