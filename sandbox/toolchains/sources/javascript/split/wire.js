// Plain values as bytes, for a candidate and its tests that run in two processes: frames of a 32-bit length.
//
// Tags: d number, w string of UTF-16 units (lone surrogates survive), g BigInt, l array (H: a hole), m object with its
// keys in order, T F N U true, false, null and undefined, O a value of another kind, of which only the name crosses.
'use strict'

const fs = require('fs')

const MOST_BYTES = 16 << 20
const MOST_ITEMS = 1e6
const DEEPEST = 64
const LONGEST_BIGINT = 100000
const LONGEST_NAME = 60
const CONSTANTS = { N: null, U: undefined, T: true, F: false }
const HOLE = 'H'.charCodeAt(0)
const KEY = 'w'.charCodeAt(0)

class WireError extends Error {}

/** The bytes of a value. `refuse(name)` is asked what to do with one of another kind, which otherwise crosses as O. */
function encode (value, refuse) {
  const parts = []
  let size = 0
  const add = bytes => {
    size += bytes.length
    if (size > MOST_BYTES) throw new WireError('a value larger than 16 MiB')
    parts.push(bytes)
  }
  const head = (tag, count) => {
    const bytes = Buffer.alloc(5)
    bytes.write(tag, 0, 'latin1')
    bytes.writeUInt32LE(count, 1)
    add(bytes)
  }
  const chunk = (tag, bytes) => { head(tag, bytes.length); add(bytes) }
  const another = name => {
    if (refuse) refuse(name)
    chunk('O', Buffer.from(String(name).slice(0, LONGEST_NAME)))
  }
  const number = value => {
    const bytes = Buffer.alloc(9)
    bytes.write('d', 0, 'latin1')
    bytes.writeDoubleLE(value, 1)
    add(bytes)
  }
  const put = (value, depth) => {
    if (depth > DEEPEST) throw new WireError('a value nested deeper than 64')
    switch (typeof value) {
      case 'undefined': return add(Buffer.from('U'))
      case 'boolean': return add(Buffer.from(value ? 'T' : 'F'))
      case 'number': return number(value)
      case 'string': return chunk('w', Buffer.from(value, 'utf16le'))
      case 'bigint': return chunk('g', Buffer.from(value.toString()))
      case 'object': return value === null ? add(Buffer.from('N')) : object(value, depth)
      default: return another(typeof value)
    }
  }
  const object = (value, depth) => {
    if (Array.isArray(value)) {
      head('l', value.length)
      for (let i = 0; i < value.length; i++) i in value ? put(value[i], depth + 1) : add(Buffer.from('H'))
      return
    }
    const kind = Object.getPrototypeOf(value)
    if (kind !== null && kind !== Object.prototype) return another((kind.constructor && kind.constructor.name) || 'object')
    const keys = Object.keys(value)
    head('m', keys.length)
    for (const key of keys) { chunk('w', Buffer.from(key, 'utf16le')); put(value[key], depth + 1) }
  }
  put(value, 0)
  return Buffer.concat(parts)
}

/** The value in the bytes. `another(name)` makes what stands for a value of another kind. Throws WireError. */
function decode (data, another) {
  let at = 0
  let made = 0
  const take = count => {
    if (count > data.length - at) throw new WireError('it ends early')
    at += count
    return data.subarray(at - count, at)
  }
  const count = least => { // bytes that each item takes at least
    const items = take(4).readUInt32LE(0)
    made += items
    if (made > MOST_ITEMS || items * least > data.length - at) throw new WireError('too many items')
    return items
  }
  const chunk = () => take(take(4).readUInt32LE(0))
  const string = () => {
    const bytes = chunk()
    if (bytes.length % 2) throw new WireError('half a character')
    return bytes.toString('utf16le')
  }
  const bigint = () => {
    const bytes = chunk()
    const digits = bytes.length > LONGEST_BIGINT ? '' : bytes.toString('latin1')
    if (!/^-?\d+$/.test(digits)) throw new WireError('no number')
    return BigInt(digits)
  }
  const array = depth => {
    const items = []
    items.length = count(1)
    for (let i = 0; i < items.length; i++) {
      if (data[at] === HOLE) at++
      else items[i] = get(depth + 1)
    }
    return items
  }
  const object = depth => {
    const made = {}
    for (let left = count(6); left; left--) {
      if (take(1)[0] !== KEY) throw new WireError('a key that is no string')
      // Defined, not assigned: a key may be __proto__.
      Object.defineProperty(made, string(), { value: get(depth + 1), writable: true, enumerable: true, configurable: true })
    }
    return made
  }
  const get = depth => {
    if (depth > DEEPEST) throw new WireError('nested deeper than 64')
    const tag = take(1).toString('latin1')
    switch (tag) {
      case 'd': return take(8).readDoubleLE(0)
      case 'w': return string()
      case 'g': return bigint()
      case 'l': return array(depth)
      case 'm': return object(depth)
      case 'O': return another(chunk().toString('latin1').slice(0, LONGEST_NAME))
    }
    if (Object.hasOwn(CONSTANTS, tag)) return CONSTANTS[tag]
    throw new WireError('a value of no known kind')
  }
  const value = get(0)
  if (at !== data.length) throw new WireError('more than one value')
  return value
}

/** Two open descriptors as a channel of frames. */
class Channel {
  constructor (reader, writer) {
    this.reader = reader
    this.writer = writer
  }

  send (data) {
    const frame = Buffer.alloc(4 + data.length)
    frame.writeUInt32LE(data.length)
    data.copy(frame, 4)
    for (let at = 0; at < frame.length;) at += fs.writeSync(this.writer, frame, at)
  }

  /** The next frame; null where there is none. */
  receive () {
    const head = this._read(4)
    if (!head || head.readUInt32LE(0) > MOST_BYTES) return null
    return this._read(head.readUInt32LE(0))
  }

  /** Read part by part: a length alone takes no memory. */
  _read (count) {
    const parts = []
    for (let left = count; left;) {
      const part = Buffer.alloc(Math.min(left, 1 << 16))
      const got = fs.readSync(this.reader, part, 0, part.length, null)
      if (!got) return null
      parts.push(part.subarray(0, got))
      left -= got
    }
    return Buffer.concat(parts)
  }
}

module.exports = { encode, decode, Channel, WireError }
