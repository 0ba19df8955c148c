kfpc run "$srcdir/examples/epochs/epochs.kfp" --json >out
grep -q '"state":"succeeded"' out
kfpc metrics @last --json >metrics
kfpc get @last/fit.model -o model.json
python3 - <<'PY'
import json

loss = next(m for m in json.load(open("metrics"))["metrics"] if m["name"] == "loss")
assert len(loss["points"]) == 60 and loss["points"][59][0] == 59, loss
assert loss["last"] == loss["min"] < 0.01 < loss["max"], loss
line = json.load(open("model.json"))
assert abs(line["w"] - 3) < 0.5 and abs(line["b"] - 1) < 0.3, line
PY
