// A tester that stays, trusted: each line on stdin is an order, {"folder": where tests.js lies, "in", "out", "verdict":
// paths to open}. It runs the tests, whose functions ask the candidate, records each assertion, tells the verdict, and
// writes a line to stdout. `sandbox.compiled` says what it writes as a verdict.
'use strict'

const { encode, decode, Channel, WireError } = require('./wire.js')
const fs = require('fs')
const path = require('path')
const util = require('util')

const MOST_LINES = 1000
const LONGEST_TEXT = 600
const MOST_COMPILED = 500
const RESULT = '='.charCodeAt(0)
const THROWN = '!'.charCodeAt(0)

/** Ends the tests: nothing that a test catches brings the candidate back. */
class Ended extends Error {}

const isObject = value => value !== null && typeof value === 'object'
const show = value => util.inspect(value, { depth: 6, breakLength: Infinity, maxStringLength: LONGEST_TEXT, maxArrayLength: 100 })
const bounded = text => text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) + '...' : text

/** One run of the tests. */
class Session {
  constructor (channel, verdict) {
    this.channel = channel
    this.verdict = verdict
    this.gone = this.inexpressible = this.firstFailure = ''
    this.recorded = 0
    this.allHeld = true
    this.lastCall = null
  }

  giveUp (why) {
    this.gone = this.gone || why
    throw new Ended(this.gone)
  }

  refuse (why) {
    this.inexpressible = this.inexpressible || why
    throw new Ended(why)
  }

  /** Stands for a value of another kind: whoever looks into it cannot know what would be there. */
  another (name) {
    const refuse = () => this.refuse(`a ${name} cannot cross between two processes`)
    return new Proxy({}, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map(trap => [trap, refuse])))
  }

  waitUntilLoaded () {
    const said = this.channel.receive()
    if (!said || said.toString('latin1') !== '=') this.giveUp('the program ended before it was loaded')
  }

  standIn (name) {
    return (...args) => {
      const request = this.encoded(name, args)
      this.lastCall = { request, answer: null }
      const answer = this.ask(request)
      this.lastCall.answer = answer
      return this.result(answer, args)
    }
  }

  encoded (name, args) {
    try {
      return encode([name, args], kind => this.refuse(`an argument of the kind ${kind} cannot cross between two processes`))
    } catch (error) {
      if (error instanceof WireError) this.refuse(`an argument cannot cross: ${error.message}`)
      throw error
    }
  }

  ask (request) {
    if (this.gone) this.giveUp()
    let answer = null
    try {
      this.channel.send(request)
      answer = this.channel.receive()
    } catch (error) {
      this.giveUp('the program ended')
    }
    if (!answer || !answer.length) this.giveUp('the program ended')
    if (answer[0] === THROWN) throw new Error('it threw ' + answer.subarray(1, 200).toString())
    if (answer[0] !== RESULT) this.giveUp('no answer')
    return answer.subarray(1)
  }

  /** The call's result; arguments that the candidate changed are changed here, too. */
  result (answer, args) {
    const [same, result, changed] = this.parts(answer, args.length)
    for (const [index, now] of Object.entries(changed)) this.change(args[index], now)
    return same >= 0 ? args[same] : result
  }

  parts (answer, count) {
    let said
    try {
      said = decode(answer, kind => this.another(kind))
    } catch (error) {
      if (error instanceof WireError) this.giveUp('no answer: ' + error.message)
      throw error
    }
    const sound = Array.isArray(said) && said.length === 3 && Number.isInteger(said[0]) && said[0] < count
    if (!sound || util.types.isProxy(said[2]) || !isObject(said[2])) this.giveUp('no answer')
    if (Object.keys(said[2]).some(index => !/^\d{1,3}$/.test(index) || index >= count)) this.giveUp('no answer')
    return said
  }

  change (was, now) {
    const like = isObject(was) && isObject(now) && !util.types.isProxy(now) && Array.isArray(was) === Array.isArray(now)
    if (!like) this.giveUp('an argument changed its kind')
    for (const key of Object.keys(was)) delete was[key]
    if (Array.isArray(was)) was.length = now.length
    for (const key of Object.keys(now)) Object.defineProperty(was, key, Object.getOwnPropertyDescriptor(now, key))
  }

  /** Records one assertion, which throws where the candidate does; the tests then go on. */
  check (condition, text) {
    let held = false
    let thrown = ''
    try {
      held = Boolean(condition()[0])
    } catch (error) {
      if (error instanceof Ended || this.gone || this.inexpressible) {
        if (!this.inexpressible) this.note(false, text, this.gone)
        throw error
      }
      thrown = String(error)
    }
    this.note(held, text, thrown)
  }

  note (held, text, thrown) {
    const line = { n: this.recorded, ok: held }
    if (!held) {
      this.allHeld = false
      Object.assign(line, this.details(text, thrown))
      this.firstFailure = this.firstFailure || JSON.stringify(line)
    }
    if (this.recorded++ < MOST_LINES) this.tell(JSON.stringify(line))
    this.lastCall = null
  }

  details (text, thrown) {
    const details = {}
    if (this.lastCall) {
      const [name, args] = decode(this.lastCall.request, kind => kind)
      details.call = bounded(`${name}(${args.map(show).join(', ')})`)
    }
    if (text) details.expected = bounded(text)
    if (thrown) details.got = bounded(thrown)
    else if (this.lastCall && this.lastCall.answer) details.got = bounded(this.shownAnswer())
    return details
  }

  shownAnswer () {
    const [same, result, changed] = decode(this.lastCall.answer, kind => `[${kind}]`)
    return show(same >= 0 ? (changed[same] ?? decode(this.lastCall.request, kind => kind)[1][same]) : result)
  }

  tell (line) {
    fs.writeSync(this.verdict, line + '\n')
  }

  tellVerdict (thrown) {
    if (this.inexpressible) return this.tell('inexpressible ' + this.inexpressible.replace(/\s+/g, ' '))
    if (!this.gone && !thrown && this.recorded && this.allHeld) return this.tell('held')
    const why = this.gone || thrown || 'no test ran'
    if (!this.firstFailure) this.note(false, '', why)
    this.tell('refuted ' + this.firstFailure)
  }
}

const compiled = new Map()
const testsIn = folder => {
  const text = fs.readFileSync(path.join(folder, 'tests.js'), 'utf8')
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  if (!compiled.has(text)) compiled.set(text, new Function('__standIn', '__check', 'require', text))
  return compiled.get(text)
}

const globals = new Set(Object.getOwnPropertyNames(globalThis))
/** Takes away what the tests left behind. */
const forget = () => {
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!globals.has(name)) delete globalThis[name]
}

const obey = order => {
  const opened = [fs.openSync(order.in, 'r'), fs.openSync(order.out, 'w'), fs.openSync(order.verdict, 'w')]
  const session = new Session(new Channel(opened[0], opened[1]), opened[2])
  console.assert = (held, ...words) => session.check(() => [held], words.join(' '))
  let thrown = ''
  try {
    session.waitUntilLoaded()
    testsIn(order.folder)(name => session.standIn(name), (condition, text) => session.check(condition, text), require)
  } catch (error) {
    thrown = String(error)
  }
  session.tellVerdict(thrown)
  opened.forEach(each => fs.closeSync(each))
  forget()
}

console.log = console.info = console.warn = console.error = console.debug = () => {}
process.on('unhandledRejection', () => {})
let waiting = ''
process.stdin.on('data', data => {
  const lines = (waiting + data).split('\n')
  waiting = lines.pop()
  for (const line of lines) {
    obey(JSON.parse(line))
    process.stdout.write('done\n')
  }
})
