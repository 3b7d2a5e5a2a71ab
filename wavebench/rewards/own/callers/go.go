
func main() {
	called := wbReflect.ValueOf(ENTRY)
	lines := wbBufio.NewReaderSize(wbOs.Stdin, 1<<20)
	for {
		line, ended := lines.ReadString('\n')
		if len(line) > 1 {
			var given []wbJson.RawMessage
			if failed := wbJson.Unmarshal([]byte(line), &given); failed != nil {
				panic(failed)
			}
			arguments := make([]wbReflect.Value, len(given))
			for i, each := range given {
				place := wbReflect.New(called.Type().In(i))
				if failed := wbJson.Unmarshal(each, place.Interface()); failed != nil {
					panic(failed)
				}
				arguments[i] = place.Elem()
			}
			values := []any{}
			for _, value := range called.Call(arguments) {
				if value.Kind() == wbReflect.Slice && value.IsNil() {
					value = wbReflect.MakeSlice(value.Type(), 0, 0)
				}
				values = append(values, value.Interface())
			}
			var returned any = values
			if len(values) == 1 {
				returned = values[0]
			}
			text, failed := wbJson.Marshal(returned)
			if failed != nil {
				panic(failed)
			}
			wbOs.Stdout.WriteString("\x1e" + string(text) + "\n")
		}
		if ended != nil {
			return
		}
	}
}
