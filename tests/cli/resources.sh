# Resources as weights: what fits, what never can, and what the command line says of the machine.
cat > a.kfp <<'EOP'
component work(n: int) -> (device: str):
    resources:
        cpu    = 0.5
        memory = 1MiB
    shell:
        printf %s "${CUDA_VISIBLE_DEVICES-none}" > "$device_path"

component size() -> int:
    shell:
        echo 3 > "$output_path"

pipeline main(cpu: float = 1.0) -> (plain: str, gpus: str):
    a = work(n=1)
    b = work(n=2) with gpu=2, gpu_type="a100"
    c = work(n=3) with cpu=cpu
    return plain=a.device, gpus=b.device

pipeline computed() -> str:
    s = size()
    w = work(n=1) with memory=s * 1GiB, display_name=f"with {s} GiB"
    return w.device
EOP
unset CUDA_VISIBLE_DEVICES
export KFPC_GPUS=2
kfpc run a.kfp main --json --progress quiet > out.json
grep -q '"plain":"none"' out.json
grep -q '"gpus":"0,1"' out.json

refused() {		# words that standard error must have, then arguments
	words=$1
	shift
	status=0
	kfpc run a.kfp "$@" --progress quiet 2> err || status=$?
	test $status = 1 || { cat err; echo "status $status"; exit 1; }
	grep -q "$words" err || { cat err; exit 1; }
}
refused "task 'b' cannot run here: it wants 2 GPUs (gpu at a.kfp:14:28), and the command line gives 1 GPU" main --gpu 1
refused "task 'c' cannot run here: it wants 12.5 processors (cpu at a.kfp:15:28), and the command line gives 8 processors" main --cpu 8 -p cpu=12.5
refused "(memory at a.kfp:4:18), and the command line gives 1000 KiB" main --memory 1000KiB
refused "wants 99 processors (cpu from -p)" main --cpu 8 -p a.settings.cpu=99
KFPC_GPU_TYPE=v100 refused "wants a GPU of type 'a100', and those of this machine are 'v100'" main
test "$(kfpc runs | grep -c main)" = 1	# what cannot run makes no run

KFPC_GPU_TYPE=A100 kfpc run a.kfp main --progress quiet > /dev/null
kfpc run a.kfp computed --memory 4GiB --progress quiet > /dev/null
kfpc show @last/w | grep -q '^name .*with 3 GiB'
status=0
kfpc run a.kfp computed --memory 2GiB --progress quiet 2> err || status=$?
test $status = 3
grep -q "it wants 3 GiB of memory (memory at a.kfp:20:31), and the command line gives 2 GiB" err

status=0
kfpc run a.kfp main --memory 8 2> err || status=$?
test $status = 2
grep -q "such as 8GiB" err
