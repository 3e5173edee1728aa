// Before the first paint, so that nobody who chose the dark theme sees a white flash. Kept in step with src/theme/theme.ts.
try {
  const theme = localStorage.getItem('ecomweb.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // No storage: the system's theme.
}
