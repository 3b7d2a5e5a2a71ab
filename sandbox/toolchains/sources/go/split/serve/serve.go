// Package serve is the candidate's side: it answers calls until it is told to end. Nothing here is trusted.
package serve

import (
	"bytes"
	"fmt"
	"reflect"

	"aaa/wire"
)

const longestWord = 200

// Function answers calls of one function.
func Function(function interface{}) {
	wire.Send([]byte("="))
	for call := wire.Receive(); len(call) > 0; call = wire.Receive() {
		if !wire.Send(answer(reflect.ValueOf(function), call)) {
			return
		}
	}
}

func answer(function reflect.Value, call []byte) (said []byte) {
	defer func() {
		switch why := recover().(type) {
		case nil:
		case wire.Cannot:
			said = []byte("?" + why)
		default:
			said = []byte(fmt.Sprint("!", why))
			if len(said) > longestWord {
				said = said[:longestWord]
			}
		}
	}()
	in := &wire.In{Data: call}
	in.Text()
	arguments, before := []reflect.Value{}, [][]byte{}
	for n := 0; n < function.Type().NumIn(); n++ {
		argument := reflect.New(function.Type().In(n)).Elem()
		in.Get(argument)
		arguments = append(arguments, argument)
		before = append(before, written(argument))
	}
	out := &wire.Out{Data: []byte("=")}
	for _, result := range function.Call(arguments) {
		out.Put(result)
	}
	changes, count := &wire.Out{}, 0
	for n, argument := range arguments {
		if now := written(argument); !bytes.Equal(now, before[n]) {
			changes.Count(n)
			changes.Data = append(changes.Data, now...)
			count++
		}
	}
	out.Count(count)
	out.Data = append(out.Data, changes.Data...)
	return out.Data
}

// written is a slice's content, through which a function changes what its caller holds; nothing for other values.
func written(argument reflect.Value) []byte {
	if argument.Kind() != reflect.Slice {
		return nil
	}
	out := &wire.Out{}
	out.Put(argument)
	return out.Data
}
