// Package tester is the tests' side, trusted: stand-ins ask the candidate, and every assertion is recorded.
package tester

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"aaa/wire"
)

const verdict = 5

// state is what is known of the candidate so far.
var state struct {
	gone          string // why it will answer no more
	inexpressible string
	call          string // the name of the last one, until an assertion is recorded
	arguments     []reflect.Value
	results       []reflect.Value
	answered      bool
	thrown        string // what a call since the last assertion ended with
}

// ended is panicked with where no test can go on.
type ended struct{}

func giveUp(why string) {
	if state.gone == "" {
		state.gone = why
	}
	panic(ended{})
}

func refuse(why string) {
	state.inexpressible = strings.Join(strings.Fields(bounded(why)), " ")
	panic(ended{})
}

// Start waits until the candidate is loaded.
func Start() {
	if string(wire.Receive()) != "=" {
		state.gone = "the program ended before it was loaded"
	}
}

// Call calls the candidate's function. Results and arguments are pointers, so that their declared types are known.
// A panic of the candidate leaves the results as they are; the next assertion, or the end of the test, tells it.
func Call(name string, results []interface{}, arguments ...interface{}) {
	if state.gone != "" || state.inexpressible != "" {
		panic(ended{})
	}
	state.call, state.answered = name, false
	state.arguments, state.results = pointed(arguments), pointed(results)
	answer := ask(request(name))
	switch {
	case len(answer) == 0:
		giveUp("the program ended")
	case answer[0] == '!':
		state.thrown = "it panicked: " + string(answer[1:])
	case answer[0] == '?':
		refuse(string(answer[1:]))
	case answer[0] == '=':
		read(answer[1:])
	default:
		giveUp("no answer")
	}
}

func pointed(pointers []interface{}) []reflect.Value {
	values := []reflect.Value{}
	for _, pointer := range pointers {
		values = append(values, reflect.ValueOf(pointer).Elem())
	}
	return values
}

func request(name string) []byte {
	defer func() {
		switch why := recover().(type) {
		case nil:
		case wire.Cannot:
			refuse("an argument: " + string(why))
		default:
			panic(why)
		}
	}()
	out := &wire.Out{}
	out.Text(name)
	for _, argument := range state.arguments {
		out.Put(argument)
	}
	return out.Data
}

func ask(request []byte) []byte {
	if !wire.Send(request) {
		return nil
	}
	return wire.Receive()
}

// read takes results and changed arguments out of an answer.
func read(answer []byte) {
	defer func() {
		if why := recover(); why != nil {
			giveUp(fmt.Sprint("no answer: ", why))
		}
	}()
	in := &wire.In{Data: answer}
	for _, result := range state.results {
		in.Get(result)
	}
	for n := in.Items(); n > 0; n-- {
		change(in)
	}
	if len(in.Data) > 0 {
		panic(wire.Bad("more than one value"))
	}
	state.answered = true
}

func change(in *wire.In) {
	index := in.Number()
	if index >= len(state.arguments) || state.arguments[index].Kind() != reflect.Slice {
		panic(wire.Bad("no such argument"))
	}
	was := state.arguments[index]
	now := reflect.New(was.Type()).Elem()
	in.Get(now)
	if was.Len() != now.Len() {
		panic(wire.Bad("an argument of another length"))
	}
	reflect.Copy(was, now)
}

// Watched is a test of which at least one verdict is recorded: its own end, where it asserts nothing.
func Watched(test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) {
		before, returned := recorder.count, false
		defer func() {
			why := recover()
			if _, is := why.(ended); why != nil && !is {
				state.thrown = fmt.Sprint("the test panicked: ", why)
			}
			failed := t.Failed() || t.Skipped() || !returned
			if state.thrown != "" || recorder.count == before || (failed && recorder.held) {
				Record(!failed, "", "")
			}
			if !returned {
				t.Fail()
			}
		}()
		if state.gone == "" {
			test(t)
			returned = true
		}
	}
}

// End tells the verdict and returns the code to end with.
func End(code int) int {
	switch {
	case state.inexpressible != "":
		say("inexpressible " + state.inexpressible)
	case state.gone == "" && code == 0 && recorder.held && recorder.count > 0:
		say("held")
		return 0
	default:
		if recorder.first == "" {
			Record(false, "", "no test ran")
		}
		say("refuted " + recorder.first)
	}
	return 1
}

func say(line string) { wire.Write(verdict, []byte(line+"\n")) }
