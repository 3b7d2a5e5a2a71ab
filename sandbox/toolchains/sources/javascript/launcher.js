// Runs a program as node would run `node main.js`, and proves that its last line was reached.
//
// The proof's bytes are taken from descriptor 4 before the program is loaded and live in this function alone; a line put
// behind the program's own last one writes them to descriptor 3. process.exit, a thrown error and a `return` at the top
// level never get there. A failed console.assert, which node only prints, makes the exit code 1. It stops early exits,
// not an adversary: a program can, for instance, attach the inspector to its own process.
'use strict'

const { readFileSync, writeSync } = require('fs')
const Module = require('module')
const path = require('path')

const PROOF = 3
const NONCE = 4

;(() => {
  const nonce = readFileSync(NONCE)
  const file = path.resolve(process.argv[2])
  process.argv.splice(1, 2, file)

  const say = console.assert.bind(console)
  const assert = (held, ...words) => {
    if (!held) process.exitCode = 1
    say(held, ...words)
  }
  Object.defineProperty(console, 'assert', { value: assert, writable: false, configurable: false })
  Object.defineProperty(globalThis, 'console', { value: console, writable: false, configurable: false })

  const name = 'end_' + nonce.toString('hex')
  const end = () => writeSync(PROOF, nonce)
  Object.defineProperty(globalThis, name, { value: end, enumerable: false, configurable: true })
  const compile = Module.prototype._compile
  Module.prototype._compile = function (text, filename) {
    Module.prototype._compile = compile
    return compile.call(this, `${text}\n;${name}()`, filename)
  }
  Module._load(file, null, true)
})()
