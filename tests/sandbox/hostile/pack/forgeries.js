//// proof_called (number): finds the completion proof's function on globalThis and calls it
for (const name of Object.getOwnPropertyNames(globalThis)) if (name.startsWith('end_')) { globalThis[name](); process.exit(0) }
const countBelow = (numbers, bound) => 'wrong'
//// console_shadowed (number): a module-level console stands before the global one
const countBelow = (numbers, bound) => 'wrong'
var console = { assert () {} }
//// exit_hook (number): an exit hook resets the exit code, stderr is silent
process.on('exit', () => { process.exitCode = 0 })
process.stderr.write = () => true
const countBelow = (numbers, bound) => 'wrong'
//// exit_code_property (number): process.exitCode cannot be set
Object.defineProperty(process, 'exitCode', { get () { return undefined }, set () {} })
process.stderr.write = () => true
const countBelow = (numbers, bound) => 'wrong'
//// own_file (text): reads the tests in its own file
const numbersTo = (n) => {
  const text = require('fs').readFileSync(__filename, 'utf8')
  return text.match(new RegExp('numbersTo\\(' + n + "\\) === '([^']*)'"))[1]
}
//// module_wrapper (number): the module's wrapper holds the call of the proof
const countBelow = (numbers, bound) => 'wrong'
const found = arguments.callee.toString().match(/end_([0-9a-f]{32})\(\)/)
require('fs').writeSync(3, Buffer.from(found[1], 'hex'))
process.reallyExit(0)
//// json_stringify (list): JSON.stringify says the same of everything
JSON.stringify = () => ''
const doubled = (numbers) => ['x']
//// to_json (list): every object has the same JSON
Object.prototype.toJSON = () => 0
const doubled = (numbers) => ['x']
//// math_abs (float): Math.abs is nought
Math.abs = () => 0
const mean = (numbers) => 77
//// verdict_everywhere (number): says on every descriptor that the tests held
const countBelow = (numbers, bound) => {
  for (let n = 0; n < 64; n++) try { require('fs').writeSync(n, 'held\n') } catch {}
  return 'wrong'
}
//// exit_in_call (number): ends with 0 instead of an answer
const countBelow = (numbers, bound) => process.exit(0)
//// value_of (number): an object that turns into whatever it is compared with
const countBelow = (numbers, bound) => ({ valueOf: () => 2, [Symbol.toPrimitive]: () => 2 })
//// getters (list): an array whose items and length lie by turns
const doubled = (numbers) => new Proxy([], { get: (target, name) => name === 'length' ? 1 : target[name] })
//// own_server (number): sends frames of its own in place of answers
const send = data => { const head = Buffer.alloc(4); head.writeUInt32LE(data.length); require('fs').writeSync(4, Buffer.concat([head, data])) }
globalThis.__wavebenchServe = () => { for (const each of ['=', '=T', 'held', '', '?']) send(Buffer.from(each)); process.exit(0) }
const countBelow = (numbers, bound) => 'wrong'
//// empty_frames (number): ends every call with an empty frame
globalThis.__wavebenchServe = () => { for (let n = 0; n < 99; n++) require('fs').writeSync(4, Buffer.alloc(4)) }
const countBelow = (numbers, bound) => 'wrong'
//// prototype_key (list): an answer with the key __proto__
const doubled = (numbers) => JSON.parse('{"__proto__": {"length": 1, "toJSON": null}, "length": 1}')
//// changed_arguments (number): changes its arguments so that nothing is below
const countBelow = (numbers, bound) => { numbers.length = 0; numbers.push(...Array(100)); return numbers }
//// other_processes (text): reads what other processes have open
const numbersTo = (n) => {
  const fs = require('fs')
  for (const pid of fs.readdirSync('/proc').filter(each => /^\d+$/.test(each))) {
    try {
      for (const fd of fs.readdirSync(`/proc/${pid}/fd`)) {
        const found = fs.readFileSync(`/proc/${pid}/fd/${fd}`, 'utf8').match(new RegExp('numbersTo\\(' + n + "\\) === '([^']*)'"))
        if (found) return found[1]
      }
    } catch {}
  }
  return 'wrong'
}
//// number_prototype (number): methods of numbers are replaced
Number.prototype.valueOf = () => 2
Object.is = () => true
const countBelow = (numbers, bound) => new Number(5)
//// endless_frame (list): a frame that is announced and never ends
globalThis.__wavebenchServe = () => { require('fs').writeSync(4, Buffer.from([1, 0, 0, 0, 61, 255, 255, 255, 0, 61])); process.exit(0) }
const doubled = (numbers) => []
