"""What the local runner of Kubeflow's SDK 2.17.3 does otherwise than Kubeflow, mended.

- Of its two ways to run a DAG, the one for simple pipelines stops at the first failure.
- All tasks of a component write their artifacts to one place, over each other.
- In a loop, the element takes the place of all that comes from other loops and from tasks.
- The list of a loop and the inputs of a condition are found by taking their names apart, which
  does not work where an output is not called Output.
- Of an empty loop there are no outputs.
- A condition is evaluated as Python, with values put into it as text.
- An input that has no value is None, and an int() of it fails.
- The time at which the run began has no placeholder.
- An artifact that one of several tasks gives is refused.
- A group of tasks that is given artifacts alone does not get them.
- Without Docker no program of an image is run; here this machine stands for the image.
- Of the artifacts that such a program wrote, nobody hears.
- Each task puts an indent around print() while it runs. Where tasks run at a time, what they take
  away is another's: indents stay, each doubles the last, and a run writes gigabytes of spaces.
"""
import contextlib
import datetime
import json
import os
import re

from google.protobuf import json_format
from kfp.local import executor_input_utils, executor_output_utils, io, logging_utils
from kfp.local import placeholder_utils
from kfp.local import subprocess_task_handler
from kfp.local.orchestrator import dag_orchestrator, enhanced_dag_orchestrator
from kfp.local.orchestrator import orchestrator_utils, task_executor, task_spec_utils

bound = {}      # name of an input -> the (task, output) or (None, input) that it is bound to


def prepare(d):
    """Of the pipeline that is to be run; names of tasks are unique in ours."""
    bound.clear()
    for comp in [d["root"], *d["components"].values()]:
        for task in comp.get("dag", {}).get("tasks", {}).values():
            for name, v in task.get("inputs", {}).get("parameters", {}).items():
                out = v.get("taskOutputParameter")
                pair = (out["producerTask"], out["outputParameterKey"]) if out else \
                    (None, v.get("componentInputParameter"))
                bound.setdefault(name, set()).add(pair)


parent_input = io.IOStore.get_parent_input


def get_parent_input(store, key):
    try:
        return parent_input(store, key)
    except ValueError:
        if not key.startswith("pipelinechannel--"):
            raise
    for task, name in sorted(bound.get(key, ()), key=lambda pair: not pair[0]):
        try:
            return store.get_task_output(task, name) if task else parent_input(store, name)
        except ValueError:
            pass
    raise ValueError(f"nothing is bound to {key}")


class Cel:
    """A value in a condition; comparisons of different types are errors, as in CEL."""

    def __init__(self, value):
        self.value = value

    def __bool__(self):
        assert isinstance(self.value, bool), self.value
        return self.value

    def of_one_type(self, other):
        kinds = [type(v) if isinstance(v, (bool, str)) else float
                 for v in (self.value, other.value)]
        assert kinds[0] is kinds[1], (self.value, other.value)
        return self.value, other.value

    def __eq__(self, other):
        a, b = self.of_one_type(other)
        return Cel(a == b)

    def __ne__(self, other):
        return Cel(not self == other)

    def __lt__(self, other):
        a, b = self.of_one_type(other)
        return Cel(a < b)

    def __le__(self, other):
        a, b = self.of_one_type(other)
        return Cel(a <= b)

    def __gt__(self, other):
        return other < self

    def __ge__(self, other):
        return other <= self


CEL = re.compile(r"inputs\.parameter_values\['([^']*)'\]|('(?:[^'\\]|\\.)*')|(-?\d[\d.e+-]*)|"
                 r"(true|false)|(&&)|(\|\|)|(!(?!=))|(int\(|double\(|[()\[\],]|in\b|[=!<>]=|[<>]|\s+)")


def evaluate(condition, store):
    out, at = "", 0
    while at < len(condition):
        m = CEL.match(condition, at)
        assert m, condition[at:]
        name, text, number, word, conj, disj, neg, other = m.groups()
        out += (f"V({name!r})" if name else f"K({text or number})" if text or number else
                f"K({word.title()})" if word else " and " if conj else " or " if disj else
                " not " if neg else other)
        at = m.end()
    return bool(eval(out, {"V": lambda n: Cel(store.get_parent_input(n)), "K": Cel,
                           "int": lambda x: Cel(int(x.value)),
                           "double": lambda x: Cel(float(x.value))}))


iteration = task_spec_utils.create_parameter_loop_iteration_task_spec


def one_turn(spec, item, name):
    made = iteration(spec, item, name)
    for key, value in spec.inputs.parameters.items():
        if key != spec.parameter_iterator.item_input:
            made.inputs.parameters[key].CopyFrom(value)
    return made


loop = enhanced_dag_orchestrator._run_parallel_for_task


def run_loop(*, task_name, task_spec, components, io_store, **rest):
    failed = loop(task_name=task_name, task_spec=task_spec, components=components,
                  io_store=io_store, **rest)
    outputs = components[task_spec.component_ref.name].output_definitions
    for name in () if failed else [*outputs.parameters, *outputs.artifacts]:
        if name not in io_store._task_output_data.get(task_name, ()):
            io_store.put_task_output(task_name, name, [])
    return failed


nested_arguments = task_spec_utils.build_nested_dag_arguments


def build_nested_dag_arguments(*, task_spec, io_store, **rest):
    found = nested_arguments(task_spec=task_spec, io_store=io_store, **rest)
    if not task_spec.inputs.parameters:
        found.update(orchestrator_utils.OrchestratorUtils.make_task_arguments(
            task_spec.inputs, io_store))
    return found


construct = executor_input_utils.construct_executor_input


def construct_executor_input(component_spec, arguments, **rest):
    names = {*component_spec.input_definitions.parameters}
    given = {k: v for k, v in arguments.items() if v is not None}
    made = construct(component_spec=component_spec, arguments=given, **rest)
    for name in names:
        if name not in given and made.inputs.parameter_values[name].WhichOneof("kind") in (
                None, "null_value"):
            del made.inputs.parameter_values[name]
    return made


to_python = executor_output_utils.pb2_value_to_python


def pb2_value_to_python(value):
    return None if value.WhichOneof("kind") is None else to_python(value)


def get_dag_output_artifacts(cls, dag_outputs_spec, io_store):
    found = {}
    for key, spec in dag_outputs_spec.artifacts.items():
        for selector in spec.artifact_selectors:
            try:
                found[key] = io_store.get_task_output(selector.producer_subtask,
                                                      selector.output_artifact_key)
            except ValueError:
                pass
    return found


individual = placeholder_utils.resolve_individual_placeholder


def resolve_individual_placeholder(element, **rest):
    started = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    element = element.replace("{{$.pipeline_job_create_time_utc}}", started)
    return individual(element, **rest)


single = task_executor.execute_single_task


def execute_single_task(*, task_name, task_spec, components, **rest):
    own = type(task_spec)()
    own.CopyFrom(task_spec)
    own.component_ref.name = "comp-" + task_name
    components = dict(components)
    components[own.component_ref.name] = components[task_spec.component_ref.name]
    return single(task_name=task_name, task_spec=own, components=components, **rest)


dag_orchestrator.run_dag = enhanced_dag_orchestrator.run_enhanced_dag
io.IOStore.get_parent_input = get_parent_input
enhanced_dag_orchestrator.ConditionEvaluator.evaluate_condition = staticmethod(evaluate)
task_spec_utils.create_parameter_loop_iteration_task_spec = one_turn
task_spec_utils.build_nested_dag_arguments = build_nested_dag_arguments
executor_input_utils.construct_executor_input = construct_executor_input
enhanced_dag_orchestrator._run_parallel_for_task = run_loop
placeholder_utils.resolve_individual_placeholder = resolve_individual_placeholder
executor_output_utils.pb2_value_to_python = pb2_value_to_python
orchestrator_utils.OrchestratorUtils.get_dag_output_artifacts = \
    classmethod(get_dag_output_artifacts)
task_executor.execute_single_task = execute_single_task


def container_component(handler, full_command):
    """The folders of its outputs are there, as Kubeflow's launcher makes them."""
    for word in full_command:
        if word.startswith("/"):
            os.makedirs(os.path.dirname(word), exist_ok=True)


subprocess_task_handler.SubprocessTaskHandler.validate_not_container_component = \
    container_component


outputs_for_task = executor_output_utils.get_outputs_for_task


def get_outputs_for_task(executor_input, component_spec):
    path = executor_input.outputs.output_file
    if not os.path.exists(path):
        made = json_format.MessageToDict(executor_input.outputs).get("artifacts", {})
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"artifacts": made}, f)
    return outputs_for_task(executor_input, component_spec)


executor_output_utils.get_outputs_for_task = get_outputs_for_task
logging_utils.indented_print = contextlib.nullcontext
