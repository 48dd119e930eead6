// Runs before anything else on whatever Node is there, so it keeps to the syntax of old ones.
// npm puts the project's own Node 24 (the development dependency `node`) first on PATH; an older
// one runs only where that package is missing or its install script was blocked.
if (parseInt(process.versions.node, 10) < 24) {
  console.error(
    'Gatehouse needs Node 24 and this is Node ' +
      process.versions.node +
      ': run "npm install" here with install scripts allowed (it brings its own Node 24), or install Node 24.',
  )
  process.exit(1)
}
