# The part of the launcher for what stands around a program of an image, behind
# launch_code.py: such a program has nothing of ours in it.


@does("words")
def make_words(job):
    """The words of its command that have to be computed, once all constraints hold."""
    values = [value for _, _, value in Component(job).given]
    for name, tree in job.spec["words"]:
        text = job.compute(tree, values)
        if "{{$" in text:
            raise Wrong("a word of the command is %s, and Kubeflow would put something else "
                        "in the place of what stands in {{}}" % shown(text))
        job.values[name] = text     # as it is: the program knows no form of ours


@does("texts")
def read_texts(job):
    """What it wrote into files, as the values that they are."""
    component, values = Component(job), {}
    component.collect_file = lambda *given: None    # artifacts are where they belong
    for name, t, number in job.spec["texts"]:
        if bare(t)[0] == "series":
            copy(job.reads[number].path, component.out_path(name, t))
        else:
            values[name] = component.text_value(name, t, job.reads[number])
    component.collect(values, {}, {})
